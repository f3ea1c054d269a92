"""Contests of homes that have a say in each other's: their days, and what is kept of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.champions import CHAMPION_TABLES
from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasts.challenge import decided, pool_of
from energy_assets.forecasts.champion import ChampionLog
from energy_assets.forecasts.contest import held_contest, held_contests
from energy_assets.forecasts.contest_days import Entry
from energy_assets.forecasts.models import FamilyModels
from energy_assets_tests.forecasts.test_contest import fitted, noisy

HOMES = 6


def home(number, *, bilstm=0.4, combination=0.3):
    """A home that Bi-LSTM and combination forecast with errors of so much on each of 10 days."""
    rng = np.random.default_rng(number)
    past = replace(noisy(number), key=f"h{number}")
    usual = {"bilstm": bilstm, "combination": combination}
    return Entry(
        series=past,
        fitted={n: fitted(past, rng.normal(error, 0.02, 10)) for n, error in usual.items()},
    )


def street(**errors):
    return [home(number, **errors) for number in range(HOMES)]


def changed(entry, days, by):
    """The entry with a combination that errs by so much more on some of its held-out days."""
    both = dict(entry.fitted)
    held = [
        replace(f, intervals=replace(f.intervals, quantiles=f.intervals.quantiles + by))
        if number in days
        else f
        for number, f in enumerate(both["combination"].held_out)
    ]
    made = Fitted(model=both["combination"].model, held_out=tuple(held))
    return replace(entry, fitted=both | {"combination": made})


def test_days_that_are_printed_have_no_say_in_who_serves_any_home():
    homes = street()
    known, serves = held_contests(homes, default="bilstm")
    assert serves.family == "combination"
    later, then = held_contests(
        [changed(one, range(5, 10), 50.0) for one in homes], default="bilstm"
    )
    assert then == serves
    for key, one in later.items():
        assert (one.champion, one.errors) == (known[key].champion, known[key].errors)
        assert one.rows["origin_at"].nunique() == 5
        assert not one.rows.equals(known[key].rows)
    sooner, then = held_contests([changed(one, range(5), 50.0) for one in homes], default="bilstm")
    assert then.family == "bilstm"
    for key, one in sooner.items():
        pd.testing.assert_frame_equal(one.rows, known[key].rows)


def test_a_home_whose_days_end_before_those_of_others_has_no_say_in_who_serves_them():
    homes = street()
    early = [
        replace(one, fitted={n: replace(f, held_out=f.held_out[:4]) for n, f in one.fitted.items()})
        for one in (home(number, combination=3.0) for number in range(10, 14))
    ]
    contests, serves = held_contests([*homes, *early], default="bilstm")
    assert serves.family == "combination"
    assert serves.errors["combination"] == pytest.approx(0.3 / 0.85, abs=0.1)
    assert contests["h11"].champion == "bilstm"
    assert contests["h11"].rows["origin_at"].min() == early[1].origins[2]


@pytest.fixture
def log(document_store):
    document_store.ensure([*CHAMPION_TABLES, FORECAST_SCORES])
    return ChampionLog(document_store, "customer_load")


def at(day):
    return pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(days=day)


def decide(log, entries, day):
    return decided(
        [one.series for one in entries],
        {one.series.key: one.fitted for one in entries},
        own_family="bilstm",
        champions=log,
        models=FamilyModels(log.documents, log.flow, {}),
        decided_at=at(day),
    )


def test_a_home_trained_alone_goes_by_the_default_of_its_pool_and_leaves_that_as_it_is(log):
    homes = street()
    decide(log, homes, 0)
    pool = pool_of(homes[0].series)
    assert log.defaults([pool])[pool].family == "combination"
    newcomer = home(33, combination=0.4)
    alone = held_contest(newcomer.series, newcomer.fitted, incumbent="bilstm")
    assert alone.champion == "bilstm"
    assert decide(log, [newcomer], 1)["h33"].champion == "combination"
    assert decide(log, [home(2, combination=0.8)], 2)["h2"].champion == "bilstm"
    serving = log.of(["h2", "h3", pool])
    assert (serving["h2"].previous, serving["h3"].family) == ("combination", "combination")
    assert log.defaults([pool])[pool].family == "combination"
    assert pool not in serving  # a customer may have any name


def test_water_meters_and_electricity_meters_are_pools_of_their_own(log):
    water = [
        replace(one, series=replace(one.series, key=f"w{n}", unit="m3"))
        for n, one in enumerate(street(combination=0.5))
    ]
    mixed = [one for pair in zip(street(), water, strict=True) for one in pair]
    contests = decide(log, mixed, 0)
    assert {one.champion for key, one in contests.items() if key[0] == "h"} == {"combination"}
    assert {one.champion for key, one in contests.items() if key[0] == "w"} == {"bilstm"}
    assert list(contests) == [one.series.key for one in mixed]
    pools = [pool_of(one.series) for one in mixed[:2]]
    found = log.defaults(pools)
    assert [found[pool].family for pool in pools] == ["combination", "bilstm"]


def test_a_pinned_home_stays_as_it_is_when_the_pool_changes_its_default(log):
    decide(log, street(combination=0.5), 0)
    log.pin("h4", "naive_blend", decided_at=at(0.5))
    decide(log, street(), 1)
    serving = log.of(["h4", "h5"])
    assert (serving["h4"].family, serving["h4"].pinned) == ("naive_blend", True)
    assert (serving["h5"].family, serving["h5"].previous) == ("combination", "bilstm")
    assert "over 6 series" in serving["h5"].reason
    assert log.rollback("h5", decided_at=at(2)) == "bilstm"
