"""Shared trees behind the door of all families: who is served, what was held out, and the files."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.errors import ModelFileError
from energy_assets.forecasting.pooled import Pooled, PooledModel, PooledParams
from energy_assets.forecasting.pooled.heldout import held_out_since
from energy_assets.forecasting.series import TEMPERATURE, Series
from energy_assets_tests.forecasting.meters import climate, house, meter, with_values

FAMILY = Pooled(params=PooledParams(trees=12, outer_trees=8, most_rows=6_000))


def street(count=3, days=100) -> list[Series]:
    homes = [house(days, seed=n, zone="Europe/Berlin") for n in range(count)]
    return [
        replace(with_values(home, home.values * 3**n), key=f"h{n}") for n, home in enumerate(homes)
    ]


@cache
def fitted():
    return FAMILY.fit(street())


def same(one, other) -> bool:
    return all(
        np.array_equal(a.quantiles, b.quantiles)
        and np.array_equal(a.mean, b.mean)
        and np.array_equal(a.daily.quantiles, b.daily.quantiles)
        for a, b in zip(one, other, strict=True)
    )


def test_held_out_days_begin_at_one_instant_for_all_series_of_a_pool():
    series = [*street(), replace(street()[0].cut(50 * 24, 90 * 24), key="short")]
    border = held_out_since(series)
    # Spans of 100, 100, 100 and 40 days: a fifth of the usual 100, to the midnight before.
    assert border.tz_convert("Europe/Berlin") == pd.Timestamp("2025-05-20", tz="Europe/Berlin")
    found = FAMILY.fit(series)
    assert {one.held_out[0].origin_at for one in found.values()} == {border}
    assert len(found["h0"].held_out) == 21
    assert len(found["short"].held_out) == 11  # it ends at one in the morning of May 30


def test_nothing_from_an_origin_on_changes_a_held_out_forecast_of_any_series():
    series = street()
    known = fitted()["h1"].held_out
    for place in (0, 15):  # before and after the day from which errors calibrate
        origin = known[place].origin_at
        changed = [
            with_values(one, np.where(one.starts >= origin, one.values[::-1] * 5, one.values))
            for one in series
        ]
        other = FAMILY.fit(changed)["h1"].held_out
        assert same(known[: place + 1], other[: place + 1])
        assert not same(known[place + 1 :], other[place + 1 :])


def test_the_later_held_out_days_are_calibrated_by_the_earlier_ones():
    homes = [replace(house(150, seed=n), key=f"h{n}") for n in range(2)]
    rng = np.random.default_rng(0)
    late = np.arange(150 * 24) >= 120 * 24  # ten times the noise in all that is held out
    homes = [
        with_values(one, one.values + late * rng.normal(0, 10, len(one)) + 30) for one in homes
    ]
    held = FAMILY.fit(homes)["h0"].held_out
    width = [float(np.mean(one.quantiles[:, -1] - one.quantiles[:, 0])) for one in held]
    first, second = np.mean(width[8:14]), np.mean(width[17:])
    assert second > 1.3 * first


def test_a_series_has_bands_of_its_own_errors_and_not_of_all():
    rng = np.random.default_rng(1)
    quiet, loud = (replace(house(150, seed=0), key=key) for key in ("quiet", "loud"))
    noise = (np.arange(150 * 24) >= 121 * 24) * rng.normal(0, 12, 150 * 24)
    loud = with_values(loud, loud.values + noise + 30)
    found = FAMILY.fit([quiet, loud])
    width: dict[str, float] = {}
    for series in (quiet, loud):
        own = found[series.key].model
        other = FAMILY.sharing([own]).model_for(series)
        one, pool = (
            m.predict(series, [series.start_of(110 * 24)])[0].quantiles for m in (own, other)
        )
        width[series.key] = float((one[:, -1] - one[:, 0]).sum() / (pool[:, -1] - pool[:, 0]).sum())
    assert width["loud"] > width["quiet"] + 0.1


def test_bands_of_a_home_that_mostly_stands_still_begin_at_zero():
    rng = np.random.default_rng(2)
    homes = [replace(house(100, seed=n), key=f"h{n}") for n in range(2)]
    still = np.where(rng.random(100 * 24) < 0.25, rng.gamma(2.0, 1.0, 100 * 24), 0.0)
    homes.append(replace(homes[0], key="still", values=still))
    later = FAMILY.fit(homes)["still"].held_out[11:-1]
    low = np.concatenate([one.quantiles[:, 0] for one in later])
    assert (low == 0.0).mean() > 0.9
    assert all((np.diff(one.quantiles, axis=1) >= 0).all() for one in later)


def test_an_origin_gives_the_same_forecast_alone_and_among_others():
    model, home = fitted()["h0"].model, street()[0]
    origins = [home.start_of(at) for at in (70 * 24 + 5, 90 * 24, 110 * 24)]
    together = model.predict(home, origins, days=3)
    for origin, one in zip(origins[:2], together[:2], strict=True):
        (alone,) = model.predict(home, [origin], days=3)
        np.testing.assert_allclose(alone.quantiles, one.quantiles, rtol=1e-4)
        assert alone.origin_at == one.origin_at == origin
        # What happens from the origin on is not looked at.
        (blind,) = model.predict(home.until(origin), [origin], days=3)
        assert same([alone], [blind])


def test_days_add_up_and_reach_fourteen():
    model, home = fitted()["h0"].model, street()[0]
    midnight = home.start_of(len(home) - 1)  # summer time has come: the last hour is the first
    (forecast,) = model.predict(home, [midnight], days=14)
    assert len(forecast.valid_at) == 14 * 24
    assert len(forecast.daily) == 14
    first = forecast.mean[:24].sum()
    assert forecast.daily.mean[0] == pytest.approx(first)
    low, high = forecast.daily.quantiles[0, 0], forecast.daily.quantiles[0, -1]
    assert low < first < high
    assert set(forecast.intervals.basis) == {"pooled"}
    assert forecast.weather[0] == "none"


def test_a_signed_series_is_forecast_below_zero_and_a_register_is_not():
    model, home = fitted()["h0"].model, street()[0]
    exporting = with_values(home, -home.values)
    (signed,) = model.predict(replace(exporting, non_negative=False), [home.end_at])
    assert (signed.median < 0).all()
    assert (signed.daily.mean < 0).all()
    (register,) = model.predict(exporting, [home.end_at])
    assert (register.quantiles >= 0).all()


def test_a_series_without_a_model_is_served_by_what_the_pool_shares():
    stranger = replace(house(40, seed=9), key="new")
    family = FAMILY.sharing([one.model for one in fitted().values()])
    model = family.model_for(stranger)
    assert model.key == "new"
    origins = [stranger.start_of(at) for at in range(30 * 24, 39 * 24, 24)]
    forecasts = model.predict(stranger, origins)
    actual = stranger.values[30 * 24 : 39 * 24]
    median = np.concatenate([one.median for one in forecasts])
    week_ago = stranger.values[23 * 24 : 32 * 24]
    assert np.abs(median - actual).mean() < np.abs(week_ago - actual).mean()
    low = np.concatenate([one.quantiles[:, 0] for one in forecasts])
    high = np.concatenate([one.quantiles[:, -1] for one in forecasts])
    assert ((low <= actual) & (actual <= high)).mean() > 0.75
    with pytest.raises(ValueError, match="no shared trees of 15 min"):
        family.model_for(meter(np.ones(4_000), minutes=15))


def test_a_silent_series_and_one_of_another_interval_fall_back_to_the_blend():
    model, home = fitted()["h0"].model, street()[0]
    gone = home.end_at + pd.Timedelta(days=80)
    first, last = model.predict(home, [gone, home.end_at])
    assert (first.basis, last.basis) == ("naive_blend", "pooled")
    assert first.origin_at == gone
    quarters = meter(np.ones(96 * 40), minutes=15)
    assert model.predict(quarters, [quarters.end_at])[0].basis == "naive_blend"


def test_series_of_several_intervals_are_learned_each_with_their_like():
    quarters = [
        replace(meter(np.repeat(house(40, seed=n).values, 4) / 4, minutes=15), key=f"q{n}")
        for n in range(2)
    ]
    short = meter(np.ones(24 * 9))
    found = FAMILY.fit([*street(2), *quarters, short])
    assert sorted(found) == ["h0", "h1", "q0", "q1"]
    assert "15 days" in FAMILY.refusal(short)
    minutes = {
        key: one.model.shared.trees.interval_minutes
        for key, one in found.items()
        if isinstance(one.model, PooledModel)
    }
    assert minutes == {"h0": 60, "h1": 60, "q0": 15, "q1": 15}


def test_weather_to_come_is_used_but_not_where_it_was_only_measured_later():
    homes = [
        replace(house(60, seed=0), key=key, future={TEMPERATURE: climate(60 * 24)})
        for key in ("a", "b")
    ]
    unarchived = replace(climate(60 * 24), predicted=np.full((74 * 24, 14), np.nan))
    found = FAMILY.fit([replace(home, future={TEMPERATURE: unarchived}) for home in homes])
    assert {str(kind) for one in found["a"].held_out for kind in one.weather} == {"none"}
    assert found["a"].held_out[0].basis == "no_weather"
    model = FAMILY.fit(homes)["a"].model
    (known,) = model.predict(homes[0], [homes[0].end_at])
    assert (known.basis, known.weather[0]) == ("pooled", "forecast")
    (bare,) = model.predict(replace(homes[0], future={}), [homes[0].end_at])
    assert (bare.basis, bare.weather[0]) == ("no_weather", "none")


def test_a_stored_model_gives_the_same_forecast_and_damage_is_refused():
    model, home = fitted()["h2"].model, street()[2]
    saved = model.save()
    again = FAMILY.load(saved)
    origins = [home.end_at - pd.Timedelta(hours=7)]
    assert same(model.predict(home, origins, days=2), again.predict(home, origins, days=2))
    assert again.model_id == model.model_id
    assert model.model_id != fitted()["h1"].model.model_id
    assert again.learned_until == model.learned_until == home.end_at
    damaged = replace(saved, weights=saved.weights[:-9] + b"123456789")
    with pytest.raises(ModelFileError):
        FAMILY.load(damaged)
    with pytest.raises(ModelFileError):
        FAMILY.load(replace(saved, metadata={**saved.metadata, "family": "xgboost"}))
