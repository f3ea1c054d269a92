import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.forecasting.naive import NAIVES
from energy_assets_tests.forecasts.issued_meter import meter_world, utc

FIRST = utc("2025-10-01 22:00")
"""A local midnight; the meter uses day by day 0, 1, 2 … kWh in each hour from then on."""
ISSUED = utc("2025-10-21 22:30")
ORIGIN = utc("2025-10-21 22:00")
"""A local midnight: day 20 begins."""
DAYS_KNOWN = 20
FAMILIES = {"xgboost", *(f"naive_{variant}" for variant in NAIVES)}


def by_day(first, count):
    """Hours that use the number of their day."""
    return np.repeat(np.arange(first, first + count, dtype=float), 24)


@pytest.fixture
def world(tmp_path):
    """Twenty days known, and two days forecast as 20 kWh an hour: right on the first of them."""
    world = meter_world(tmp_path)
    world.read(by_day(0, DAYS_KNOWN), FIRST, known_at=ORIGIN)
    world.issue(np.full(48, 20.0), ORIGIN, issued_at=ISSUED, daily=[480.0, 480.0])
    yield world
    world.documents.close()
    world.series.close()


def test_nothing_is_scored_before_a_lead_day_is_over(world):
    world.read(by_day(20, 1), ORIGIN, known_at=ISSUED + pd.Timedelta(hours=23))

    assert world.score(ORIGIN + pd.Timedelta(hours=24) - pd.Timedelta(minutes=1)) == 0
    assert world.score(ORIGIN + pd.Timedelta(hours=24)) == 2 * len(FAMILIES)


def test_each_lead_day_is_scored_beside_every_naive_from_the_same_origin(world):
    known_at = utc("2025-10-23 23:00")
    world.read(by_day(20, 2), ORIGIN, known_at=known_at)

    world.score(utc("2025-10-24 00:00"))

    rows = world.ledger()
    assert {lead for lead, _ in rows.index} == {1, 2}
    assert {family for _, family in rows.index} == FAMILIES
    assert set(rows["rows"]) == {24}
    assert rows["actual_sum"].groupby("lead_day").unique().map(list).to_dict() == {
        1: [480.0],
        2: [504.0],
    }
    # Served: 20 against 20, then 20 against 21. Yesterday's naive repeats day 19 on both.
    assert rows.loc[(1, "xgboost"), "absolute_error_sum"] == pytest.approx(0.0)
    assert rows.loc[(2, "xgboost"), "absolute_error_sum"] == pytest.approx(24.0)
    assert rows.loc[(1, "naive_yesterday"), "absolute_error_sum"] == pytest.approx(24.0)
    assert rows.loc[(2, "naive_yesterday"), "absolute_error_sum"] == pytest.approx(48.0)
    # Last week's naive repeats days 13 and 14.
    assert rows.loc[(1, "naive_last_week"), "absolute_error_sum"] == pytest.approx(7 * 24.0)
    assert rows.loc[(2, "xgboost"), "mean_sum"] == pytest.approx(24 * 20.1)
    assert rows.loc[(1, "xgboost"), "covered_90"] == 24
    assert rows.loc[(2, "xgboost"), "covered_90"] == 0
    served = rows[rows["served"]]
    assert set(served.index.get_level_values("family")) == {"xgboost"}
    assert served["valid_at"].tolist() == [ORIGIN, ORIGIN + pd.Timedelta(hours=24)]
    assert set(rows["origin_at"]) == {ORIGIN}
    assert set(rows["known_at"]) == {known_at}
    days = world.ledger(resolution="daily")
    assert days.loc[(2, "xgboost"), "absolute_error_sum"] == pytest.approx(24.0)
    assert days.loc[(2, "naive_yesterday"), "absolute_error_sum"] == pytest.approx(48.0)
    assert set(days["rows"]) == {1}


def test_a_naive_repeats_what_was_known_when_the_forecast_was_issued_not_a_later_correction(world):
    yesterday = ORIGIN - pd.Timedelta(hours=24)
    later = ISSUED + pd.Timedelta(hours=1)
    world.read(np.full(24, 20.0), yesterday, known_at=later, version=2)
    world.read(by_day(20, 1), ORIGIN, known_at=later)

    world.score(utc("2025-10-22 23:00"))

    # With the correction in hand the naive would have been right.
    rows = world.ledger()
    assert rows.loc[(1, "naive_yesterday"), "absolute_error_sum"] == pytest.approx(24.0)


def test_running_again_scores_nothing_again(world):
    world.read(by_day(20, 2), ORIGIN, known_at=utc("2025-10-23 23:00"))
    now = utc("2025-10-24 00:00")
    world.score(now)
    before = world.documents.read(FORECAST_SCORES)

    assert world.score(now + pd.Timedelta(hours=1)) == 0

    pd.testing.assert_frame_equal(world.documents.read(FORECAST_SCORES), before)
    assert len(before) == 2 * 2 * len(FAMILIES)


def test_a_correction_replaces_the_scores_of_its_lead_day_and_leaves_the_others(world):
    world.read(by_day(20, 2), ORIGIN, known_at=utc("2025-10-23 23:00"))
    world.score(utc("2025-10-24 00:00"))
    before = world.ledger()
    corrected_at = utc("2025-11-01 12:00")
    world.read([21.0], ORIGIN + pd.Timedelta(hours=3), known_at=corrected_at, version=2)

    changed = world.score(utc("2025-11-02 00:00"))

    after = world.ledger()
    assert changed == 2 * len(FAMILIES)
    assert len(after) == len(before)
    assert after.loc[(1, "xgboost"), "actual_sum"] == pytest.approx(481.0)
    assert after.loc[(1, "xgboost"), "absolute_error_sum"] == pytest.approx(1.0)
    assert set(after.loc[1, "known_at"]) == {corrected_at}
    pd.testing.assert_frame_equal(after.loc[[2]], before.loc[[2]])


def test_values_that_come_late_are_scored_with_the_rest_of_their_lead_day(world):
    world.read(by_day(20, 1)[:12], ORIGIN, known_at=utc("2025-10-22 11:00"))
    world.score(utc("2025-10-22 23:00"))
    assert set(world.ledger()["rows"]) == {12}
    assert world.ledger(resolution="daily").empty

    late = ORIGIN + pd.Timedelta(hours=12)
    world.read(by_day(20, 1)[12:], late, known_at=utc("2025-10-30 11:00"))
    world.score(utc("2025-10-31 00:00"))

    assert set(world.ledger()["rows"]) == {24}
    assert set(world.ledger(resolution="daily")["rows"]) == {1}


def test_a_score_stands_once_its_lead_day_is_over_for_more_than_30_days(world):
    world.read(by_day(20, 1), ORIGIN, known_at=utc("2025-10-22 23:00"))
    world.score(utc("2025-10-23 00:00"))
    over = ORIGIN + pd.Timedelta(hours=24)
    world.read([99.0], ORIGIN, known_at=over + pd.Timedelta(days=29), version=2)

    assert world.score(over + pd.Timedelta(days=30)) == 0
    assert world.score(over + pd.Timedelta(days=30) - pd.Timedelta(minutes=1)) > 0


def test_a_nightly_run_looks_back_only_where_files_came(world):
    world.read(by_day(20, 1), ORIGIN, known_at=utc("2025-10-22 23:00"))
    night = utc("2025-10-23 00:00")
    assert world.score(night, since=utc("2025-10-22 00:00")) > 0
    world.read([21.0], ORIGIN, known_at=utc("2025-10-27 12:00"), version=2)
    next_night = utc("2025-10-28 00:00")

    assert world.score(next_night, since=utc("2025-10-27 00:00")) == 0
    world.file(ORIGIN, processed_at=utc("2025-10-27 12:00"))
    assert world.score(next_night, since=utc("2025-10-27 00:00")) == 2 * len(FAMILIES)


def test_a_file_whose_run_began_before_the_last_scores_and_ended_after_them_is_not_missed(world):
    world.read(by_day(20, 1), ORIGIN, known_at=utc("2025-10-22 23:00"))
    world.score(utc("2025-10-23 00:00"))
    world.read([21.0], ORIGIN, known_at=utc("2025-10-26 21:00"), version=2)
    world.file(ORIGIN, processed_at=utc("2025-10-26 23:00"))

    assert world.score(utc("2025-10-28 00:00"), since=utc("2025-10-27 00:00")) > 0


def test_a_meter_without_a_value_since_waits_without_a_row(world):
    assert world.score(utc("2025-10-24 00:00")) == 0
    assert world.documents.read(FORECAST_SCORES).empty


def test_the_25th_hour_of_a_day_is_scored_in_the_second_lead_day_and_in_the_first_local_day(
    tmp_path,
):
    world = meter_world(tmp_path)
    long_day = utc("2025-10-25 22:00")
    world.read(np.ones(20 * 24), long_day - pd.Timedelta(days=20), known_at=long_day)
    world.issue(np.ones(48), long_day, issued_at=long_day, daily=[25.0])
    hours = np.ones(48)
    hours[24] = 5.0
    world.read(hours, long_day, known_at=long_day + pd.Timedelta(hours=48))

    world.score(long_day + pd.Timedelta(hours=49))

    rows, days = world.ledger(), world.ledger(resolution="daily")
    assert rows.loc[(1, "xgboost"), "actual_sum"] == 24.0
    assert rows.loc[(2, "xgboost"), "actual_sum"] == 28.0
    assert days.loc[(1, "xgboost"), "actual_sum"] == 29.0
    assert days.loc[(1, "naive_yesterday"), "absolute_error_sum"] == pytest.approx(4.0)
    world.documents.close()
    world.series.close()
