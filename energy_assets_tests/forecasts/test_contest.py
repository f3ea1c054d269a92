"""Who serves a series, and how good everybody is on days that had no say in it."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import Forecast, plain_rows
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasts.choice import chosen
from energy_assets.forecasts.contest import held_contest
from energy_assets.forecasts.contest_days import LiveErrors
from energy_assets_tests.forecasting.histories import history

DAYS = 40
NAIVE = SeasonalNaive(variant="blend")


def noisy(seed=0):
    hours = np.arange(DAYS * 24)
    rng = np.random.default_rng(seed)
    return history(10 + np.sin(hours / 24 * 2 * np.pi) + rng.normal(0, 1.0, len(hours)))


def fitted(past, errors, *, days=10):
    """A model whose held-out forecasts err by so much on each of the last days."""
    made = []
    for number, error in zip(range(DAYS - days, DAYS), errors, strict=True):
        starts = past.starts[number * 24 : (number + 1) * 24]
        point = past.values[number * 24 : (number + 1) * 24] + error
        table = point[:, None] + np.array([-3, -2, -1, 0, 1, 2, 3.0])
        rows = plain_rows(starts, table, point, "m")
        made.append(
            Forecast(
                origin_at=starts[0],
                model_id="m",
                intervals=rows,
                daily=rows.keep(slice(0, 0)),
                imputed_share=0.0,
            )
        )
    return Fitted(model=NAIVE, held_out=tuple(made))


def test_the_earlier_days_choose_and_the_later_ones_are_printed():
    past = noisy()
    families = {
        "early": fitted(past, [0.1] * 5 + [2.0] * 5),
        "late": fitted(past, [0.5] * 5 + [0.01] * 5),
    }
    contest = held_contest(past, families, incumbent="late")
    assert contest.champion == "early"
    assert contest.errors["early"] == pytest.approx(0.1)
    assert contest.errors["late"] == pytest.approx(0.5)
    printed = contest.rows.groupby("family").apply(
        lambda rows: (rows["actual"] - rows["q50"]).abs().mean()
    )
    assert printed["early"] == pytest.approx(2.0)
    assert printed["late"] == pytest.approx(0.01)
    assert contest.rows["origin_at"].min() == past.starts[(DAYS - 5) * 24]
    counts = contest.rows.groupby("family").size()
    assert set(counts) == {5 * 24}
    assert len(counts) == 2 + 5


def test_only_days_that_every_family_had_not_seen_count():
    past = noisy()
    families = {"long": fitted(past, [0.1] * 10), "short": fitted(past, [0.2] * 6, days=6)}
    contest = held_contest(past, families, incumbent="long")
    assert contest.rows["origin_at"].nunique() == 3
    assert contest.champion == "long"


def test_what_serves_is_kept_unless_another_is_clearly_better():
    assert chosen({"a": 1.0, "b": 0.98}, incumbent="a")[0] == "a"
    assert chosen({"a": 1.0, "b": 0.96}, incumbent="a")[0] == "b"
    assert chosen({"a": 1.0, "naive_blend": 0.92}, incumbent="a")[0] == "a"
    assert chosen({"a": 1.0, "naive_blend": 0.89}, incumbent="a")[0] == "naive_blend"
    assert chosen({"a": 0.98, "naive_blend": 1.0}, incumbent="naive_blend")[0] == "naive_blend"
    assert chosen({"a": 0.96, "naive_blend": 1.0}, incumbent="naive_blend")[0] == "a"
    assert chosen({"a": 1.0, "b": 0.5, "c": 0.6}, incumbent="a")[0] == "b"
    assert "b (MAE 0.5) clearly beats a (MAE 1)" in chosen({"a": 1.0, "b": 0.5}, incumbent="a")[1]


def test_one_lucky_day_unseats_nobody():
    assert chosen({"a": 1.0, "b": 0.8}, incumbent="a", doubts={"b": 0.11})[0] == "a"
    assert chosen({"a": 1.0, "b": 0.8}, incumbent="a", doubts={"b": 0.09})[0] == "b"
    past = noisy()
    steady = fitted(past, [0.5] * 10)
    lucky = fitted(past, [0.0, 0.6, 0.6, 0.6, 0.6] + [0.5] * 5)  # 4 % better by one day
    contest = held_contest(past, {"steady": steady, "lucky": lucky}, incumbent="steady")
    assert contest.errors["lucky"] == pytest.approx(0.48)
    assert contest.champion == "steady"


def test_a_family_without_a_score_neither_wins_nor_keeps_its_place():
    assert chosen({"a": np.nan, "b": 3.0, "naive_blend": 1.0}, incumbent="a")[0] == "naive_blend"
    assert chosen({"b": 3.0, "naive_blend": 2.9}, incumbent="a")[0] == "b"
    assert chosen({}, incumbent="a") == ("a", "no family has a score")


def test_a_naive_that_repeats_a_pattern_exactly_beats_a_model():
    past = history(np.tile(np.arange(24.0), DAYS))
    contest = held_contest(past, {"model": fitted(past, [0.5] * 10)}, incumbent="model")
    assert contest.champion.startswith("naive_")


def test_live_errors_count_beside_the_held_out_ones_as_multiples_of_the_blends():
    past = noisy()
    families = {"a": fitted(past, [0.2] * 10), "b": fitted(past, [0.3] * 10)}
    alone = held_contest(past, families, incumbent="a")
    usual = alone.errors["naive_blend"]
    # Live, "a" erred twice as much as the blend did on the same days; "b" has not served.
    live = LiveErrors(error={"a": 400.0}, beside={"a": 200.0}, rows={"a": 240})
    contest = held_contest(past, families, incumbent="a", live=live)
    expected = (5 * 24 * 0.2 + 240 * 2.0 * usual) / (5 * 24 + 240)
    assert contest.errors["a"] == pytest.approx(expected)
    assert contest.errors["b"] == pytest.approx(0.3)
    assert (alone.champion, contest.champion) == ("a", "b")


def test_days_that_were_hard_for_everybody_unseat_nobody():
    past = noisy()
    families = {"a": fitted(past, [0.2] * 10), "b": fitted(past, [0.3] * 10)}
    share = 0.2 / held_contest(past, families, incumbent="a").errors["naive_blend"]
    live = LiveErrors(error={"a": 9000.0 * share}, beside={"a": 9000.0}, rows={"a": 240})
    contest = held_contest(past, families, incumbent="a", live=live)
    assert contest.errors["a"] == pytest.approx(0.2)
    assert contest.champion == "a"


def test_few_days_choose_nothing_and_are_all_printed():
    past = noisy()
    contest = held_contest(past, {"a": fitted(past, [9.0] * 3, days=3)}, incumbent="a")
    assert contest.champion == "a"
    assert contest.rows["origin_at"].nunique() == 3
    nothing = held_contest(past, {"a": Fitted(model=NAIVE, held_out=())}, incumbent="a")
    assert nothing.champion == "a"
    assert nothing.rows.empty
    assert isinstance(nothing.rows, pd.DataFrame)
