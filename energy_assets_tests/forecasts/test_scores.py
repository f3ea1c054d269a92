import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.forecast import Forecast, plain_rows
from energy_assets.forecasts.flow import Known
from energy_assets.forecasts.issued import Issue, lead_day_end, lead_days
from energy_assets.forecasts.scores import (
    actual_values,
    day_totals,
    lead_days_of,
    score_rows,
    sums,
)
from energy_assets_tests.forecasting.histories import history, local_days

BERLIN = "Europe/Berlin"
LONG_DAY = pd.Timestamp("2025-10-26", tz=BERLIN).tz_convert("UTC")
"""A local midnight; the day that begins then has 25 hours."""
SPREAD = np.array([-0.5, -0.4, -0.2, 0.0, 0.2, 0.4, 0.5])


def rows_of(medians, first, *, freq="h", basis="xgboost"):
    valid_at = pd.date_range(first, periods=len(medians), freq=freq)
    table = np.asarray(medians, float)[:, None] + SPREAD[None, :]
    return plain_rows(valid_at, table, table[:, 3] + 0.1, basis)


def known(series, *, known_at="2025-11-20"):
    stamps = pd.DatetimeIndex([pd.Timestamp(known_at, tz="UTC")] * len(series))
    return Known(series=series, read_at=series.starts, known_at=stamps, is_register=False)


def slow_sums(actual, table, mean):
    """The sums again, one interval after the other."""
    total = dict.fromkeys(
        ["actual_sum", "absolute_actual_sum", "mean_sum", "absolute_error_sum"], 0.0
    )
    total |= dict.fromkeys(["squared_error_sum", "pinball_sum", "covered_90", "winkler_sum"], 0.0)
    for truth, row, expected in zip(actual, table, mean, strict=True):
        low, median, high = row[0], row[3], row[6]
        total["actual_sum"] += truth
        total["absolute_actual_sum"] += abs(truth)
        total["mean_sum"] += expected
        total["absolute_error_sum"] += abs(truth - median)
        total["squared_error_sum"] += (truth - median) ** 2
        losses = [
            level * (truth - q) if truth > q else (1 - level) * (q - truth)
            for level, q in zip(QUANTILES, row, strict=True)
        ]
        total["pinball_sum"] += sum(losses) / len(losses)
        total["covered_90"] += low <= truth <= high
        total["winkler_sum"] += high - low
        if truth < low:
            total["winkler_sum"] += 20 * (low - truth)
        if truth > high:
            total["winkler_sum"] += 20 * (truth - high)
    return total | {"rows": len(actual)}


def test_the_sums_are_those_of_a_slow_loop_and_know_the_truth_from_the_forecast():
    rng = np.random.default_rng(5)
    actual = rng.normal(1.0, 2.0, 60)
    table = np.sort(rng.normal(1.5, 1.0, (60, 7)), axis=1)
    mean = table.mean(axis=1)

    assert sums(actual, table, mean) == pytest.approx(slow_sums(actual, table, mean))


def test_three_intervals_are_scored_as_by_hand():
    table = np.array([1.0, 2.0, 4.0])[:, None] + SPREAD

    found = sums(np.array([1.5, 3.0, 4.0]), table, np.array([1.2, 2.2, np.nan]))

    # The first value lies on the edge of its band; the second is 0.5 above it.
    assert found["rows"] == 3
    assert found["actual_sum"] == pytest.approx(8.5)
    assert found["mean_sum"] == pytest.approx(1.2 + 2.2 + 4.0)
    assert found["absolute_error_sum"] == pytest.approx(0.5 + 1.0 + 0.0)
    assert found["squared_error_sum"] == pytest.approx(0.25 + 1.0)
    assert found["covered_90"] == 2
    assert found["winkler_sum"] == pytest.approx(3 * 1.0 + 20 * 0.5)


def test_an_hour_after_24_is_the_first_of_the_second_lead_day_also_on_a_day_of_25_hours():
    hours = pd.date_range(LONG_DAY, periods=50, freq="h")

    found = lead_days(hours, "hourly", origin_at=LONG_DAY, zone=BERLIN)

    assert found.tolist() == [1] * 24 + [2] * 24 + [3] * 2
    end = lead_day_end(hours[23], 1, "hourly", origin_at=LONG_DAY, zone=BERLIN)
    assert end == hours[24]


@pytest.mark.parametrize(("hour", "expected"), [(0, [1, 2, 3]), (10, [1, 2, 3])])
def test_days_are_counted_by_the_local_calendar_from_the_one_that_holds_the_origin(hour, expected):
    midnights = pd.date_range("2025-10-26", periods=3, freq="D", tz=BERLIN).tz_convert("UTC")

    origin_at = LONG_DAY + pd.Timedelta(hours=hour)

    assert lead_days(midnights, "daily", origin_at=origin_at, zone=BERLIN).tolist() == expected
    end = lead_day_end(midnights[0], 1, "daily", origin_at=origin_at, zone=BERLIN)
    assert end == LONG_DAY + pd.Timedelta(hours=25)


def test_a_15th_day_that_a_short_one_lets_in_counts_to_the_14th():
    origin_at = pd.Timestamp("2025-03-29 23:30", tz=BERLIN)
    days = pd.date_range("2025-03-30", periods=14, freq="D", tz=BERLIN).tz_convert("UTC")

    found = lead_days(days, "daily", origin_at=origin_at, zone=BERLIN)

    assert found.tolist() == [*range(2, 15), 14]


def test_a_day_of_25_hours_has_the_total_of_25_and_a_day_with_a_hole_has_none():
    series = local_days(3, start="2025-10-25", zone=BERLIN)
    series.values[-1] = np.nan

    totals = day_totals(series)

    # Each hour's value is its hour: 0 + 1 + … + 23 = 276, and 2 once more on the long day.
    assert totals.iloc[:2].tolist() == [276.0, 278.0]
    assert np.isnan(totals.iloc[2])


def test_a_day_that_is_not_yet_here_to_its_end_has_no_total():
    series = local_days(2, start="2025-10-25", zone=BERLIN)

    totals = day_totals(series.until(LONG_DAY + pd.Timedelta(hours=24)))

    assert totals.iloc[0] == 276.0
    assert np.isnan(totals.iloc[1])


def test_what_happened_is_found_by_instant_and_missing_elsewhere():
    series = history([1.0, 2.0, np.nan, 4.0], start="2025-10-20")
    asked = pd.date_range("2025-10-20 01:00", periods=4, freq="h", tz="UTC")

    found = actual_values(series, asked, "hourly")

    assert found.tolist()[:1] == [2.0]
    assert np.isnan(found[[1, 3]]).all()
    assert found[2] == 4.0


def test_a_lead_day_is_scored_by_its_own_intervals_only():
    series = history(np.arange(72.0), start="2025-10-20")
    origin_at = series.starts[12]
    issue = Issue(
        series_key="900",
        issued_at=origin_at,
        model_id="m",
        rows={"hourly": rows_of(np.zeros(48), origin_at)},
    )

    days = {day.lead_day: day for day in lead_days_of(issue, known(series))}

    assert days[1].actual.tolist() == list(range(12, 36))
    assert days[2].actual.tolist() == list(range(36, 60))
    assert days[2].start_at == series.starts[36]
    assert days[2].end_at == series.starts[60]


def test_the_readings_around_a_stretch_count_for_a_register_and_only_its_own_for_values():
    read_at = pd.DatetimeIndex(["2025-10-01", "2025-10-03", "2025-10-05"], tz="UTC")
    known_at = pd.DatetimeIndex(["2025-11-03", "2025-11-01", "2025-11-02"], tz="UTC")
    start, end = pd.Timestamp("2025-10-02", tz="UTC"), pd.Timestamp("2025-10-04", tz="UTC")

    def newest(*, is_register):
        series = history([1.0])
        one = Known(series=series, read_at=read_at, known_at=known_at, is_register=is_register)
        return one.newest_between(start, end)

    assert newest(is_register=False) == known_at[1]
    assert newest(is_register=True) == known_at[0]


def one_lead_day(*, basis="xgboost", naives=None, actual=None):
    """Rows of the ledger for a day of hours whose values are 2, forecast as 1."""
    series = history(np.full(48, 2.0) if actual is None else actual, start="2025-10-20")
    origin_at = series.starts[24]
    issue = Issue(
        series_key="900",
        issued_at=origin_at,
        model_id="m",
        rows={"hourly": rows_of(np.ones(24), origin_at, basis=basis)},
    )
    (due,) = lead_days_of(issue, known(series))
    said = {
        name: Forecast(
            origin_at=origin_at,
            model_id=name,
            intervals=rows,
            daily=rows.keep(slice(0, 0)),
            imputed_share=0.0,
        )
        for name, rows in (naives or {"naive_blend": rows_of(np.full(24, 2.25), origin_at)}).items()
    }
    rows = score_rows(
        issue, due, said, flow="customer_load", unit="kWh", scored_at=pd.Timestamp(0, tz="UTC")
    )
    return {str(row["family"]): row for row in rows}


@pytest.mark.parametrize(
    ("basis", "family"),
    [("customer", "bilstm"), ("shared", "bilstm"), ("no_weather", "xgboost"), ("other", "other")],
)
def test_a_row_names_the_family_behind_its_basis(basis, family):
    rows = one_lead_day(basis=basis)

    assert set(rows) == {family, "naive_blend"}
    assert rows[family]["basis"] == basis
    assert rows[family]["model_id"] == "m"
    assert rows[family]["served"] is True
    assert rows["naive_blend"]["served"] is False


def test_what_was_issued_and_the_naive_are_scored_on_the_same_intervals():
    actual = np.full(48, 2.0)
    actual[30:36] = np.nan

    rows = one_lead_day(actual=actual)

    assert {row["rows"] for row in rows.values()} == {18}
    assert rows["xgboost"]["absolute_error_sum"] == pytest.approx(18 * 1.0)
    assert rows["naive_blend"]["absolute_error_sum"] == pytest.approx(18 * 0.25)
    assert {row["actual_sum"] for row in rows.values()} == {36.0}


def test_a_naive_that_was_issued_itself_is_there_once_as_it_was_issued():
    rows = one_lead_day(basis="naive_blend")

    assert list(rows) == ["naive_blend"]
    assert rows["naive_blend"]["served"] is True
    assert rows["naive_blend"]["absolute_error_sum"] == pytest.approx(24.0)


def test_intervals_of_another_grid_than_the_naives_are_not_scored_without_them():
    other_grid = rows_of(np.full(24, 2.0), "2025-10-21 00:30+00:00")

    assert one_lead_day(naives={"naive_blend": other_grid}) == {}
