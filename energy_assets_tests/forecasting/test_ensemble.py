"""Averages of families as a family: whose weights, fitted on which days, and what they do."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasting.averaging import averaged_rows
from energy_assets.forecasting.boosting.family import Boosting
from energy_assets.forecasting.ensemble import Combination, CombinedModel, combined
from energy_assets.forecasting.family import Fitted
from energy_assets.forecasting.forecast import ForecastRows
from energy_assets.forecasting.naive import SeasonalNaive
from energy_assets.forecasting.pooled import Pooled, PooledParams
from energy_assets.forecasting.weights import Weights
from energy_assets_tests.forecasting.members import Stub, home
from energy_assets_tests.forecasting.meters import SMALL, house, with_values

GOOD, BAD = Stub(name="good", error=0.3), Stub(name="bad", error=2.0)


def street(count=3):
    return [home(f"h{n}", seed=n) for n in range(count)]


def fit_all(series, *families):
    return {family.name: family.fit(series) for family in families}


def rows(quantiles, mean, *, basis: str | list[str] = "m", weather="none"):
    count = len(mean)
    return ForecastRows(
        valid_at=pd.date_range("2025-05-01", periods=count, freq="h", tz="UTC"),
        quantiles=np.asarray(quantiles, dtype=np.float64),
        mean=np.asarray(mean, dtype=np.float64),
        basis=np.broadcast_to(np.asarray(basis), count).astype(str),
        weather=np.full(count, weather),
        temperature_c=np.full(count, np.nan),
    )


def same(one, other) -> bool:
    return all(
        np.array_equal(a.quantiles, b.quantiles)
        and np.array_equal(a.mean, b.mean)
        and np.array_equal(a.daily.quantiles, b.daily.quantiles)
        for a, b in zip(one, other, strict=True)
    )


def test_quantiles_are_averaged_level_by_level_and_means_with_their_own_weights():
    a = rows([np.arange(7.0)], [10.0], weather="forecast")
    b = rows([np.arange(7.0) * 3 + 4], [20.0])
    weights = Weights(members=("a", "b"), quantiles=(0.75, 0.25), mean=(0.1, 0.9))
    made = averaged_rows({"b": b, "a": a}, weights)
    assert made.quantiles[0].tolist() == [0.75 * n + 0.25 * (3 * n + 4) for n in range(7)]
    assert made.mean[0] == pytest.approx(0.1 * 10 + 0.9 * 20)
    assert made.basis.tolist() == ["combination"]
    assert made.weather.tolist() == ["forecast"]


def test_a_member_that_a_naive_stands_in_for_gives_its_weight_to_the_others():
    weights = Weights(members=("a", "b"), quantiles=(0.9, 0.1), mean=(0.9, 0.1))
    a = rows(
        [[1.0] * 7, [50.0] * 7, [50.0] * 7], [1.0, 50.0, 50.0], basis=["a", *["naive_blend"] * 2]
    )
    b = rows([[3.0] * 7, [3.0] * 7, [30.0] * 7], [3.0, 3.0, 30.0], basis=["b", "b", "naive_blend"])
    made = averaged_rows({"a": a, "b": b}, weights)
    assert made.mean.tolist() == pytest.approx([1.2, 3.0, 48.0])
    assert made.quantiles[:, 3].tolist() == pytest.approx([1.2, 3.0, 48.0])
    assert made.basis.tolist() == ["combination", "combination", "naive_blend"]


def test_what_was_measured_later_is_never_hidden_behind_a_member_without_weather():
    weights = Weights(members=("a", "b", "c"), quantiles=(0.5, 0.5, 0.0), mean=(0.5, 0.5, 0.0))
    kinds = {"a": "none", "b": "forecast", "c": "observation"}
    members = {n: rows([[1.0] * 7], [1.0], weather=kind) for n, kind in kinds.items()}
    assert averaged_rows(members, weights).weather.tolist() == ["forecast"]
    members["a"] = rows([[1.0] * 7], [1.0], weather="observation")
    assert averaged_rows(members, weights).weather.tolist() == ["observation"]


def test_the_better_member_counts_more_whatever_the_order():
    series = street()
    one = combined(series, fit_all(series, GOOD, BAD))["h0"].model
    other = combined(series, fit_all(series, BAD, GOOD))["h0"].model
    assert isinstance(one, CombinedModel)
    assert isinstance(other, CombinedModel)
    assert one.weights.of(["good"])[0][0] > 0.7
    for mine, theirs in zip(
        one.weights.of(["good", "bad"]), other.weights.of(["good", "bad"]), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    origin = [series[0].end_at]
    np.testing.assert_allclose(
        one.predict(series[0], origin)[0].quantiles,
        other.predict(series[0], origin)[0].quantiles,
        rtol=1e-4,
    )


def test_weights_and_bands_never_see_the_days_that_they_are_tried_on():
    series = street()
    fitted = fit_all(series, GOOD, BAD)
    known = combined(series, fitted)
    border = known["h0"].held_out[0].origin_at
    # Half of 40 days: the later 20, from a local midnight on.
    assert len(known["h0"].held_out) == 20
    assert border.tz_convert("Europe/Berlin").hour == 0
    changed = [
        with_values(one, np.where(one.starts >= border, one.values[::-1] * 9, one.values))
        for one in series
    ]
    other = combined(changed, fitted)
    for key in known:
        assert same(known[key].held_out, other[key].held_out)
    mine, theirs = known["h0"].model, other["h0"].model
    assert isinstance(mine, CombinedModel)
    assert isinstance(theirs, CombinedModel)
    assert mine.weights != theirs.weights  # what serves has seen them
    sooner = [
        with_values(one, np.where(one.starts < border, one.values[::-1] * 9, one.values))
        for one in series
    ]
    assert not same(known["h0"].held_out, combined(sooner, fitted)["h0"].held_out)


def test_held_out_forecasts_are_made_with_weights_of_the_earlier_days_only():
    # `bad` was good in the later days: weights of all days would let it count there.
    series = street()
    fitted = fit_all(series, GOOD, BAD)
    border = combined(series, fitted)["h0"].held_out[0].origin_at
    turned = dict(fitted["bad"])
    for key, one in turned.items():
        best = fit_all(series, replace(GOOD, name="bad", error=0.01))["bad"][key].held_out
        late = [b if a.origin_at >= border else a for a, b in zip(one.held_out, best, strict=True)]
        turned[key] = Fitted(model=one.model, held_out=tuple(late))
    found = combined(series, {**fitted, "bad": turned})["h0"]
    own = fitted["good"]["h0"].held_out[20:]
    assert [one.origin_at for one in own] == [one.origin_at for one in found.held_out]
    off_good = np.mean(
        [abs(a.median - b.median).mean() for a, b in zip(found.held_out, own, strict=True)]
    )
    off_bad = np.mean(
        [
            abs(a.median - b.median).mean()
            for a, b in zip(found.held_out, turned["h0"].held_out[20:], strict=True)
        ]
    )
    assert off_good < off_bad
    assert isinstance(found.model, CombinedModel)
    assert found.model.weights.of(["bad"])[0][0] > 0.4


def covered(series, forecasts):
    """Shares of intervals and of days within their 90 % bands."""
    inside, days_inside = [], []
    for one in series:
        for forecast in forecasts[one.key]:
            at = one.steps_before(forecast.origin_at)
            actual = one.values[at : at + 24]
            low, high = forecast.quantiles[:, 0], forecast.quantiles[:, -1]
            inside.append((low <= actual) & (actual <= high))
            days = forecast.daily.quantiles  # none of a day of 25 hours
            days_inside.extend((days[:, 0] <= actual.sum()) & (actual.sum() <= days[:, -1]))
    return float(np.mean(inside)), float(np.mean(days_inside))


@pytest.mark.parametrize("spread", [0.5, 2.2])
def test_bands_of_the_average_come_near_its_errors_where_those_of_members_do_not(spread):
    series = [home(f"h{n}", seed=n, days=280) for n in range(2)]
    pair = [Stub(name=n, error=0.3, spread=spread, held_days=240) for n in "ab"]
    found = combined(series, fit_all(series, *pair))
    members = {key: one.held_out[120:-1] for key, one in pair[0].fit(series).items()}
    raw, raw_days = covered(series, members)
    own, own_days = covered(series, {key: one.held_out[:-1] for key, one in found.items()})
    assert abs(raw - 0.9) > 0.08
    assert abs(own - 0.9) < 0.8 * abs(raw - 0.9)
    assert abs(own_days - 0.9) < abs(raw_days - 0.9)


def test_two_weeks_of_a_street_show_that_averaged_bands_are_too_wide_where_those_of_a_home_do_not():
    # Four members whose own bands are right err apart: their average errs half as much.
    def kept(count):
        homes = [home(f"h{n}", seed=n, noise=0.0, days=60) for n in range(count)]
        four = [Stub(name=n, error=0.6, spread=0.6, held_days=28) for n in "abcd"]
        found = combined(homes, fit_all(homes, *four))
        return covered(homes, {key: one.held_out[:-1] for key, one in found.items()})[0]

    assert kept(1) > 0.94
    assert kept(12) == pytest.approx(0.9, abs=0.03)


def test_days_are_the_sum_of_means_within_bands_of_their_own():
    series = street(1)
    model = combined(series, fit_all(series, GOOD, replace(BAD, lift=2.0)))["h0"].model
    (forecast,) = model.predict(series[0], [series[0].end_at], days=14)
    assert len(forecast.valid_at) == 14 * 24
    assert len(forecast.daily) == 14
    sums = forecast.mean.reshape(14, 24).sum(axis=1)
    np.testing.assert_allclose(forecast.daily.mean, sums)
    width = forecast.daily.quantiles[:, -1] - forecast.daily.quantiles[:, 0]
    apart = (forecast.quantiles[:, -1] - forecast.quantiles[:, 0]).reshape(14, 24).sum(axis=1)
    assert (width < apart).all()
    assert (np.diff(forecast.daily.quantiles, axis=1) >= 0).all()


def test_a_member_of_one_day_leaves_the_days_after_to_the_others():
    series = street(2)
    near = replace(GOOD, name="near", naive_after=1)
    model = combined(series, fit_all(series, near, replace(GOOD, name="far")))["h0"].model
    (forecast,) = model.predict(series[0], [series[0].end_at], days=3)
    assert set(forecast.intervals.basis) == {"combination"}
    assert forecast.quantiles.max() < 50.0  # the naive in its place says 1,000
    assert forecast.daily.quantiles.max() < 1_000.0


def test_a_member_that_failed_on_held_out_days_has_no_say_there():
    series = street(2)
    held = GOOD.fit(series)["h0"].held_out
    failing = replace(BAD, naive_at=tuple(one.origin_at for one in held[:30]))
    found = combined(series, fit_all(series, GOOD, failing))
    model = found["h0"].model
    assert isinstance(model, CombinedModel)
    assert np.mean([one.quantiles.max() for one in found["h0"].held_out]) < 50.0
    assert model.weights.of(["good"])[0][0] >= 0.5


def test_where_all_fail_the_naive_stands_as_it_is():
    series = street(1)
    gone = series[0].end_at
    both = [replace(one, naive_at=(gone,)) for one in (GOOD, BAD)]
    model = combined(series, fit_all(series, *both))["h0"].model
    (forecast,) = model.predict(series[0], [gone])
    assert forecast.basis == "naive_blend"
    assert forecast.median.tolist() == [1_000.0] * 24


def test_nothing_from_an_origin_on_changes_a_forecast():
    series = [replace(house(80, seed=n), key=f"h{n}") for n in range(2)]
    family = Combination(
        members=(
            Pooled(params=PooledParams(trees=10, outer_trees=6, most_rows=4_000)),
            Boosting(params=SMALL),
            SeasonalNaive(variant="blend"),
        )
    )
    found = family.fit(series)
    model, one = found["h0"].model, series[0]
    assert isinstance(model, CombinedModel)
    assert model.weights.members == ("pooled", "xgboost", "naive_blend")
    assert model.weights.of(["naive_blend"])[0][0] > 0.0
    origin = one.start_of(70 * 24 + 5)
    changed = with_values(one, np.where(one.starts >= origin, 1e6, one.values))
    assert same(model.predict(one, [origin], days=2), model.predict(changed, [origin], days=2))
    again = family.load(model.save())
    assert same(model.predict(one, [origin], days=2), again.predict(one, [origin], days=2))
    assert (again.model_id, again.learned_until) == (model.model_id, one.end_at)


def test_files_are_refused_when_damaged_or_when_a_member_is_not_given():
    series = street(1)
    family = Combination(members=(GOOD, BAD))
    saved = family.fit(series)["h0"].model.save()
    with pytest.raises(ValueError, match="bad, which is not among the members"):
        Combination(members=(GOOD,)).load(saved)
    with pytest.raises(ValueError, match="differ from what was stored"):
        family.load(replace(saved, weights=saved.weights[:-1] + b"?"))
    with pytest.raises(ValueError, match="of family 'pooled'"):
        family.load(replace(saved, metadata={**saved.metadata, "family": "pooled"}))


def test_members_start_from_their_own_earlier_models():
    series = street(2)
    good, bad = replace(GOOD, fits=[]), replace(BAD, fits=[])
    family = Combination(members=(good, bad))
    first = {key: one.model for key, one in family.fit(series).items()}
    family.fit(series, previous=first)
    assert good.fits == bad.fits == ["h0", "h1"]


def test_who_is_fitted_by_one_family_alone_has_that_one_and_who_by_none_is_left_out():
    series = street(2)
    fitted = {"good": GOOD.fit(series[:1]), "bad": BAD.fit([])}
    found = combined(series, fitted)
    assert list(found) == ["h0"]
    (forecast,) = found["h0"].model.predict(series[0], [series[0].end_at])
    (alone,) = fitted["good"]["h0"].model.predict(series[0], [series[0].end_at])
    np.testing.assert_allclose(forecast.median, alone.median)
    family = Combination(members=(GOOD, BAD))
    assert family.refusal(home(days=1)) == "too short too short"
    assert family.refusal(series[0]) == ""
    assert family.reach_days == 14
