"""Families meet on the same rows, learn only from before them, and are scored as people count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import (
    EmptyWindowError,
    Outcome,
    Task,
    contest,
    family_figures,
    pooled,
    selected,
    with_points,
)
from benchmarks.accuracy.rows import window_rows
from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.family import Fitted, SavedModel
from energy_assets.forecasting.forecast import Forecast, plain_rows
from energy_assets.forecasting.series import Series

LONDON = "Europe/London"
AUTUMN = Task(
    start_at=pd.Timestamp("2013-10-24", tz=LONDON).tz_convert("UTC"),
    end_at=pd.Timestamp("2013-11-03", tz=LONDON).tz_convert("UTC"),
)
EPOCH = pd.Timestamp(0, tz="UTC")
SPREAD = np.array([0.2, 0.4, 0.7, 1.0, 1.3, 1.9, 2.4])

Says = Callable[[pd.DatetimeIndex], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A model that says the same of an interval from any origin; its mean is not its median."""

    says: Says
    mean_over_median: float = 1.25

    model_id: str = "made"
    learned_until: pd.Timestamp = EPOCH

    def predict(self, series, origins, *, days=1, explained=False) -> list[Forecast]:
        return [self._one(series, origin, days) for origin in origins]

    def _one(self, series: Series, origin: pd.Timestamp, days: int) -> Forecast:
        starts = series.grid(origin, days * series.steps_per_day)
        median = self.says(starts)
        mean = median * self.mean_over_median
        rows = plain_rows(starts, median[:, None] * SPREAD, mean, "made")
        return Forecast(
            origin_at=origin, model_id="made", intervals=rows, daily=rows, imputed_share=0.0
        )

    def save(self) -> SavedModel:
        return SavedModel()


@dataclass
class MadeFamily:
    """A family that remembers what it was given, and has held-out days of its own."""

    says: Says
    held_out: Says | None = None
    refuses: Sequence[str] = ()
    given: list[list[Series]] = field(default_factory=list)
    name: str = "made"
    reach_days: int = 14

    def refusal(self, series: Series) -> str:
        return "refused" if series.key in self.refuses else ""

    def fit(self, series, *, previous=None) -> Mapping[str, Fitted]:
        self.given.append(list(series))
        return {
            one.key: Fitted(model=Made(says=self.says), held_out=self._days(one)) for one in series
        }

    def _days(self, series: Series) -> tuple[Forecast, ...]:
        if self.held_out is None:
            return ()
        origins = [series.end_at - pd.Timedelta(days=day) for day in range(8, 0, -1)]
        return tuple(Made(says=self.held_out).predict(series, origins))

    def load(self, saved: SavedModel) -> Made:
        return Made(says=self.says)


def series(key: str, *, seed: int, first: str = "2013-09-01", missing: float = 0.05) -> Series:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp(first, tz=LONDON).tz_convert("UTC")
    count = int((AUTUMN.end_at - start) / pd.Timedelta(hours=1))
    values = rng.gamma(2.0, 1.0 + seed, count)
    values[rng.random(count) < missing] = np.nan
    return Series(
        key=key, unit="kWh", start_at=start, interval_minutes=60, zone=LONDON, values=values
    )


def by_the_hour(starts: pd.DatetimeIndex) -> np.ndarray:
    """Different in every hour, so that an hour out of place shows."""
    return 1.0 + starts.hour.to_numpy() / 7.0 + starts.day.to_numpy() / 11.0


def slow_figures(homes: Sequence[Series], says: Says) -> dict[str, float]:
    """Every figure, hour by hour and day by day in plain Python."""
    error = used = percent = percents = mean_sum = pinball = width = 0.0
    inside, rows = [], 0
    days: dict[tuple[str, date], list[tuple[float, float]]] = {}
    instants: dict[pd.Timestamp, list[float]] = {}
    for home in homes:
        for start, actual in zip(home.starts, home.values, strict=True):
            if start < AUTUMN.start_at:
                continue
            median = float(says(pd.DatetimeIndex([start]))[0])
            mean, local = median * 1.25, start.astimezone(ZoneInfo(LONDON))
            days.setdefault((home.key, local.date()), []).append((actual, mean))
            if np.isnan(actual):
                continue
            rows += 1
            error, used, mean_sum = error + abs(actual - median), used + actual, mean_sum + mean
            percent, percents = percent + abs(actual - median) / actual, percents + 1
            low, high = median * SPREAD[0], median * SPREAD[-1]
            inside.append((local.hour, local.month, low <= actual <= high))
            width += high - low + 20 * max(low - actual, 0.0) + 20 * max(actual - high, 0.0)
            for level, factor in zip(QUANTILES, SPREAD, strict=True):
                off = actual - median * factor
                pinball += (level * off if off > 0 else (level - 1) * off) / len(QUANTILES)
            both = instants.setdefault(start, [0.0, 0.0])
            both[0], both[1] = both[0] + actual, both[1] + mean
    totals = [
        (sum(a for a, _ in own), sum(m for _, m in own))
        for own in days.values()
        if not any(np.isnan(a) for a, _ in own)
    ]
    share = [sum(ok for *_, ok in inside) / len(inside)]
    return {
        "wape": error / used,
        "mae": error / rows,
        "mape": 100 * percent / percents,
        "total_bias": mean_sum / used - 1,
        "day_total_wape": sum(abs(a - m) for a, m in totals) / sum(a for a, _ in totals),
        "sum_wape": sum(abs(a - m) for a, m in instants.values())
        / sum(a for a, _ in instants.values()),
        "pinball": pinball / rows,
        "coverage_90": share[0],
        "winkler_90": width / rows,
        "_november": sum(ok for _, month, ok in inside if month == 11)
        / sum(month == 11 for _, month, _ in inside),
        "_october": sum(ok for _, month, ok in inside if month == 10)
        / sum(month == 10 for _, month, _ in inside),
    }


def test_every_figure_is_what_a_slow_count_of_hours_days_and_sums_gives():
    homes = [series("a", seed=1, missing=0.01), series("b", seed=2, missing=0.01)]
    outcome = contest(homes, {"made": MadeFamily(by_the_hour)}, AUTUMN)
    found, slow = pooled(outcome, "made"), slow_figures(homes, by_the_hour)
    for name, value in slow.items():
        if not name.startswith("_"):
            assert found[name] == pytest.approx(value, rel=1e-9), name
    # November has 2 x 2 days, fewer rows than count as a month of their own.
    assert found["coverage_90_worst_month"] == pytest.approx(slow["_october"])


def test_the_day_on_which_clocks_go_back_counts_all_its_25_hours():
    rows = window_rows(series("a", seed=1), AUTUMN.start_at, AUTUMN.end_at)
    assert rows.counts.tolist() == [24, 24, 24, 25, 24, 24, 24, 24, 24, 24]
    assert rows.whole.all()
    assert [f"{o.tz_convert(LONDON):%d %H:%M}" for o in rows.origins[2:5]] == [
        "26 00:00",
        "27 00:00",
        "28 00:00",
    ]
    assert rows.hour[72:80].tolist() == [0, 1, 1, 2, 3, 4, 5, 6]
    assert rows.month[[0, -1]].tolist() == [10, 11]


def test_a_day_that_ends_with_the_readings_has_no_total():
    home = series("a", seed=1, missing=0.0)
    short = home.cut(0, len(home) - 5)
    rows = window_rows(short, AUTUMN.start_at, AUTUMN.end_at)
    assert (int(rows.counts[-1]), bool(rows.whole[-1])) == (19, False)
    outcome = contest([short], {"made": MadeFamily(by_the_hour)}, AUTUMN)
    before = slow_figures([home.cut(0, len(home) - 24)], by_the_hour)
    assert pooled(outcome, "made")["day_total_wape"] == pytest.approx(before["day_total_wape"])


def test_days_of_daily_meters_are_rows_and_totals_at_once():
    start = pd.Timestamp("2013-09-01", tz=LONDON).tz_convert("UTC")
    home = Series(
        key="d",
        unit="m3",
        start_at=start,
        interval_minutes=1440,
        zone=LONDON,
        values=1.0 + np.arange(63) % 5,
    )
    outcome = contest([home], {"made": MadeFamily(by_the_hour)}, AUTUMN)
    assert outcome.rows["d"].counts.tolist() == [1] * 10
    actual = home.values[-10:]
    mean = 1.25 * by_the_hour(home.starts[-10:])
    wape = np.abs(actual - mean).sum() / actual.sum()
    assert pooled(outcome, "made")["day_total_wape"] == pytest.approx(wape)


def test_series_of_two_intervals_are_never_added_up_as_one():
    hours, other = series("a", seed=1, missing=0.0), series("b", seed=2, missing=0.0)
    halves = replace(other, interval_minutes=30, values=np.repeat(other.values / 2, 2))
    outcome = contest([hours, halves], {"made": MadeFamily(by_the_hour)}, AUTUMN)
    parts = [outcome.rows[key].actual for key in ("a", "b")]
    means = [outcome.predicted["made"][key].mean for key in ("a", "b")]
    error = sum(np.abs(a - m).sum() for a, m in zip(parts, means, strict=True))
    assert pooled(outcome, "made")["sum_wape"] == pytest.approx(error / sum(map(np.sum, parts)))


def test_families_learn_from_nothing_at_or_after_the_window_and_again_at_each_refit():
    refit = pd.Timestamp("2013-10-28", tz=LONDON).tz_convert("UTC")
    family = MadeFamily(by_the_hour)
    task = replace(AUTUMN, refits=[refit], fit_days=30)
    outcome = contest([series("a", seed=1)], {"made": family}, task)
    first, again = (given[0] for given in family.given)
    assert (first.end_at, again.end_at) == (AUTUMN.start_at, refit)
    assert len(first) == len(again) == 30 * 24
    assert len(outcome.predicted["made"]["a"].mean) == len(outcome.rows["a"]) == 241


def test_each_stretch_is_predicted_by_what_was_learned_for_it():
    refit = pd.Timestamp("2013-10-28", tz=LONDON).tz_convert("UTC")

    class Counting(MadeFamily):
        def fit(self, series, *, previous=None):
            times = 1.0 + len(self.given)
            self.says = lambda starts: np.full(len(starts), times)
            return super().fit(series, previous=previous)

    task = replace(AUTUMN, refits=[refit])
    outcome = contest([series("a", seed=1)], {"made": Counting(by_the_hour)}, task)
    median = outcome.predicted["made"]["a"].quantiles[:, 3]
    assert median.tolist() == [1.0] * (3 * 24 + 25) + [2.0] * (6 * 24)
    champion, stretches = outcome.predicted["champion"]["a"], (slice(0, 97), slice(97, None))
    for name, part in zip(outcome.chosen["a"], stretches, strict=True):
        own = outcome.predicted[name]["a"]
        np.testing.assert_array_equal(champion.quantiles[part], own.quantiles[part])
        np.testing.assert_array_equal(champion.mean[part], own.mean[part])


def truth_of(home: Series) -> Says:
    known = pd.Series(np.nan_to_num(home.values), index=home.starts)
    return lambda starts: known.reindex(starts).fillna(0.0).to_numpy()


def test_the_champion_is_who_was_best_before_the_window_even_if_another_wins_in_it():
    home = series("a", seed=3)
    good = truth_of(home)

    def bad(starts):
        return good(starts) + 50.0

    families = {
        "was_good": MadeFamily(bad, held_out=good),
        "gets_good": MadeFamily(good, held_out=bad),
    }
    outcome = contest([home], families, AUTUMN)
    assert outcome.chosen == {"a": ["was_good"]}
    assert pooled(outcome, "gets_good")["wape"] == pytest.approx(0.0)
    for name, value in pooled(outcome, "was_good").items():
        assert pooled(outcome, "champion")[name] == pytest.approx(value, nan_ok=True), name
    assert outcome.cost["champion"].cpu_s >= outcome.cost["was_good"].cpu_s


def test_a_naive_that_was_clearly_better_before_the_window_is_the_champion():
    home = series("a", seed=3, missing=0.0)
    flat = replace(home, values=np.tile([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 500)[: len(home)])
    far = MadeFamily(by_the_hour, held_out=lambda starts: 50.0 + by_the_hour(starts))
    outcome = contest([flat], {"made": far}, AUTUMN)
    assert outcome.chosen["a"][0].startswith("naive_")


def test_a_series_that_a_family_refuses_is_served_by_the_blend_on_the_same_rows():
    homes = [series("a", seed=1), series("b", seed=2)]
    outcome = contest(homes, {"made": MadeFamily(by_the_hour, refuses=["b"])}, AUTUMN)
    blend, made = outcome.predicted["naive_blend"]["b"], outcome.predicted["made"]["b"]
    np.testing.assert_array_equal(made.quantiles, blend.quantiles)
    assert family_figures(outcome)["made"]["series_without_model"] == 1


def test_a_series_without_values_in_the_window_is_learned_from_and_not_scored():
    silent = series("b", seed=2).until(AUTUMN.start_at)
    family = MadeFamily(by_the_hour)
    outcome = contest([series("a", seed=1), silent], {"made": family}, AUTUMN)
    assert [one.key for one in family.given[0]] == ["a", "b"]
    assert (list(outcome.rows), outcome.learned) == (["a"], 2)
    with pytest.raises(EmptyWindowError, match="b 2013-08-31 to 2013-10-23"):
        contest([silent], {}, AUTUMN)


def test_points_are_scored_as_points_and_have_no_band():
    home = series("a", seed=1)
    outcome = contest([home], {"made": MadeFamily(by_the_hour)}, AUTUMN)
    outcome = with_points(outcome, "ruler", {"a": pd.Series(by_the_hour(home.starts), home.starts)})
    found, made = pooled(outcome, "ruler"), pooled(outcome, "made")
    assert found["wape"] == made["wape"]
    assert np.isnan([found["coverage_90"], found["pinball"], found["winkler_90"]]).all()
    assert family_figures(outcome)["ruler"]["coverage_90"] is None


def test_the_worst_hour_is_the_one_farthest_from_what_the_band_promises():
    start = pd.Timestamp("2013-01-01", tz="UTC")
    values = np.full(24 * 240, 1.0)
    values[13::24] = np.where(np.arange(240) % 2, 1.0, 99.0)
    home = Series(
        key="a", unit="kWh", start_at=start, interval_minutes=60, zone="UTC", values=values
    )
    task = Task(start_at=start + pd.Timedelta(days=40), end_at=start + pd.Timedelta(days=240))
    ones = MadeFamily(lambda starts: np.ones(len(starts)))
    found = pooled(contest([home], {"made": ones}, task), "made")
    assert found["coverage_90_worst_hour"] == 0.5
    assert found["coverage_90"] == pytest.approx(1 - 0.5 / 24)
    assert found["coverage_90_worst_month"] == pytest.approx(1 - 0.5 / 24, abs=0.005)


def test_holidays_are_those_of_the_country():
    start = pd.Timestamp("2016-04-01", tz="UTC")
    days = pd.date_range(start, periods=306, freq="D")
    odd = np.isin(days.strftime("%m-%d"), ["12-25", "12-26", "11-01"])
    home = Series(
        key="a",
        unit="kWh",
        start_at=start,
        interval_minutes=60,
        zone="UTC",
        country="DE",
        values=np.repeat(np.where(odd, 99.0, 1.0), 24),
    )
    task = Task(start_at=start + pd.Timedelta(days=1), end_at=home.end_at)
    ones = MadeFamily(lambda starts: np.ones(len(starts)))
    # In all of Germany: 1, 5 and 16 May, 3 October, 25 and 26 December, 1 January.
    found = pooled(contest([home], {"made": ones}, task), "made")
    assert found["coverage_90_holidays"] == pytest.approx(5 / 7)
    nowhere = contest([replace(home, country="ZZ")], {"made": ones}, task)
    assert np.isnan(pooled(nowhere, "made")["coverage_90_holidays"])


def test_an_unknown_family_is_refused_with_those_there_are():
    families = {"bilstm": MadeFamily(by_the_hour), "xgboost": MadeFamily(by_the_hour)}
    assert list(selected(families, "xgboost")) == ["xgboost"]
    assert list(selected(families, None)) == ["bilstm", "xgboost"]
    with pytest.raises(SystemExit, match="no family is called lstm: choose from bilstm, xgboost"):
        selected(families, "bilstm,lstm")


def test_another_outcome_lends_a_family_under_another_name():
    home = series("a", seed=1)
    one: Outcome = contest([home], {"made": MadeFamily(by_the_hour)}, AUTUMN)
    far = MadeFamily(lambda starts: by_the_hour(starts) + 9.0)
    both = one.beside(contest([home], {"made": far}, AUTUMN), {"made": "far"})
    assert pooled(both, "made")["wape"] == pooled(one, "made")["wape"]
    assert pooled(both, "far")["mae"] > pooled(both, "made")["mae"]
