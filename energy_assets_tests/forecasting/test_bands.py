"""Bands from held-out errors, where average coverage hides what is wrong."""

import json

import numpy as np
import pytest

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.bands import AS_IT_IS, NARROWEST, NO_BANDS, Bands, fit_bands
from energy_assets.forecasting.conditions import (
    HOLIDAY,
    Conditions,
    conditions,
    kind_of_day,
    recent_ratio,
)

MEDIAN = QUANTILES.index(0.5)
SIDES = [0, 1, 2, 4, 5, 6]
NORMAL = np.array([-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645])


def days_of(rows):
    """Number of the day of each row."""
    return np.arange(len(rows)) // 24


def fit(error, rows, **more):
    return fit_bands(error, rows, day=days_of(rows), **more)


def hours_of(days, *, first=0, hours_ahead=None, **more):
    """Every hour of some days of a year of 364 days; every 28th day is a holiday."""
    day = np.repeat(np.arange(first, first + days), 24)
    hour = np.tile(np.arange(24), days)
    kind = kind_of_day(
        day % 7,
        holiday=day % 28 == 1,
        bridge=np.zeros(len(day), bool),
        after_holiday=day % 28 == 2,
    )
    ahead = hour + 1.0 if hours_ahead is None else np.full(len(day), hours_ahead)
    return conditions(
        day_turn=hour / 24, kind=kind, year_turn=day % 364 / 364, hours_ahead=ahead, **more
    )


def inside(bands, error, rows, raw=None):
    table = bands.around(np.zeros(len(error)), rows, raw=raw)
    return (error >= table[:, 0]) & (error <= table[:, -1])


def noise(rows, spread, seed):
    return np.random.default_rng(seed).normal(0.0, spread, len(rows))


def three_times_at_noon(rows):
    return 1.0 + 2.0 * np.exp(-(((rows.day_turn - 0.5) / 0.12) ** 2))


def three_times_on_holidays(rows):
    return np.where(rows.kind == HOLIDAY, 3.0, 1.0)


def three_times_in_summer(rows):
    return np.exp(np.log(3.0) * (1.0 - np.cos(2.0 * np.pi * rows.year_turn)) / 2.0)


def twice_as_wide_far_ahead(rows):
    return np.where(rows.hours_ahead > 100.0, 2.0, 1.0)


WIDE_WHERE = {
    "noon": (three_times_at_noon, lambda rows: abs(rows.day_turn - 0.5) < 0.03),
    "midnight": (three_times_at_noon, lambda rows: rows.day_turn < 0.05),
    "holidays": (three_times_on_holidays, lambda rows: rows.kind == HOLIDAY),
    "summer": (three_times_in_summer, lambda rows: abs(rows.year_turn - 0.5) < 0.06),
    "winter": (three_times_in_summer, lambda rows: rows.year_turn < 0.06),
}


@pytest.mark.parametrize("where", WIDE_WHERE)
def test_the_band_holds_nine_tenths_where_errors_are_three_times_as_wide(where):
    spread, asked = WIDE_WHERE[where]
    known, fresh = hours_of(4 * 364), hours_of(4 * 364)
    bands = fit(noise(known, spread(known), 1), known)

    held = inside(bands, noise(fresh, spread(fresh), 2), fresh)

    assert held.mean() == pytest.approx(0.9, abs=0.02)
    assert held[asked(fresh)].mean() == pytest.approx(0.9, abs=0.04)


def test_every_level_has_its_share_below_it():
    known, fresh = hours_of(364), hours_of(2 * 364)
    bands = fit(noise(known, three_times_at_noon(known), 3), known)

    table = bands.around(np.zeros(len(fresh)), fresh)

    below = (noise(fresh, three_times_at_noon(fresh), 4)[:, None] <= table).mean(axis=0)
    assert below == pytest.approx(np.array(QUANTILES), abs=0.03)


def test_errors_that_are_mostly_upward_make_a_band_that_is_wider_above():
    known, fresh = hours_of(364), hours_of(364)
    rng = np.random.default_rng(5)

    def skewed(rows):
        upward = rng.random(len(rows)) < 0.5
        return np.where(upward, 4.0, -1.0) * rng.exponential(1.0, len(rows))

    bands = fit(skewed(known), known)
    table = bands.around(np.zeros(len(fresh)), fresh)

    assert (table[:, -1] / -table[:, 0]).mean() == pytest.approx(4.0, rel=0.15)
    error = skewed(fresh)
    assert (error < table[:, 0]).mean() == pytest.approx(0.05, abs=0.01)
    assert (error > table[:, -1]).mean() == pytest.approx(0.05, abs=0.01)


def test_sides_may_be_wide_at_different_hours():
    known, fresh = hours_of(364), hours_of(364)
    rng = np.random.default_rng(6)

    def error_of(rows):
        sign = np.where(rng.random(len(rows)) < 0.5, 1.0, -1.0)
        noon = three_times_at_noon(rows)
        return sign * rng.exponential(1.0, len(rows)) * np.where(sign > 0, noon, 1.0)

    bands = fit(error_of(known), known)
    table = bands.around(np.zeros(len(fresh)), fresh)

    noon, midnight = fresh.day_turn == 0.5, fresh.day_turn == 0.0
    assert (table[noon, -1].mean() / table[midnight, -1].mean()) > 2.0
    assert (table[noon, 0].mean() / table[midnight, 0].mean()) < 1.5


def test_farther_ahead_is_never_surer_and_at_the_same_distance_as_wide_as_its_errors():
    rows = [hours_of(364, hours_ahead=hours) for hours in (24.0, 84.0, 240.0)]
    known = Conditions(
        **{
            name: np.concatenate([getattr(part, name) for part in rows])
            for name in Conditions.__dataclass_fields__
        }
    )
    growing = fit(noise(known, twice_as_wide_far_ahead(known), 7), known)
    shrinking = fit(noise(known, 1.0 / twice_as_wide_far_ahead(known), 8), known)
    ahead = np.array([1.0, 6.0, 24.0, 48.0, 84.0, 200.0, 240.0, 336.0])
    at = conditions(
        day_turn=np.zeros(8),
        kind=np.zeros(8, np.int64),
        year_turn=np.zeros(8),
        hours_ahead=ahead,
    )

    for bands in (growing, shrinking):
        table = bands.around(np.zeros(8), at)
        assert (np.diff(table[2:, -1]) > 0).all()
        assert (np.diff(table[2:, 0]) < 0).all()
        assert (np.diff(table[:, -1] - table[:, 0]) >= -1e-12).all()
    wide = growing.around(np.zeros(8), at)
    assert wide[6, -1] / wide[2, -1] == pytest.approx(2.0, rel=0.15)


def test_quantiles_never_cross_and_the_centre_stays_the_median():
    rows = hours_of(30)
    bands = fit(noise(rows, 1.0, 9), rows)
    uneven = Bands(
        weights=bands.weights,
        limits=bands.limits,
        factors=np.array([0.5, 2.0, 1.0, 0.0, 3.0, 1.0, 0.2]),
        middle=0.0,
    )
    centre = np.linspace(-5.0, 5.0, len(rows))

    table = uneven.around(centre, rows)

    assert (np.diff(table, axis=1) >= 0).all()
    assert table[:, MEDIAN] == pytest.approx(centre)


def test_a_signed_series_has_bands_below_zero():
    rows = hours_of(100)
    bands = fit(noise(rows, 1.0, 10), rows)
    table = bands.around(np.full(len(rows), -3.0), rows)
    assert table[:, 0].max() < -3.5
    assert table[:, -1].mean() == pytest.approx(-3.0 + 1.645, abs=0.3)


def test_days_that_erred_one_way_widen_the_band_on_both_sides_while_they_are_few():
    rng = np.random.default_rng(11)
    ten, many = hours_of(10), hours_of(364)

    few = fit(np.repeat(rng.uniform(0.1, 1.0, 10), 24), ten).factors
    sure = fit(rng.uniform(0.1, 1.0, len(many)), many).factors

    # Ten days whose hours all err alike are ten errors: 60 / (60 + 10) of the wider side counts.
    assert few[0] / few[-1] == pytest.approx(60 / 70, abs=1e-6)
    assert sure[0] / sure[-1] == pytest.approx(60 / (60 + 24 * 364), abs=2e-3)


def test_hours_that_err_together_count_as_few_errors_and_make_a_wider_band():
    rng = np.random.default_rng(12)
    rows = hours_of(20)
    together = np.repeat(rng.permutation(np.linspace(-1.0, 1.0, 20)), 24)

    alike = fit(together, rows).around(np.zeros(24), hours_of(1))
    apart = fit(rng.permutation(together), rows).around(np.zeros(24), hours_of(1))

    assert (alike[:, -1] - alike[:, 0]).mean() > 1.1 * (apart[:, -1] - apart[:, 0]).mean()


def test_with_few_errors_of_its_own_a_series_has_the_bands_of_the_pool():
    rows = hours_of(364)
    pool = fit(noise(rows, three_times_at_noon(rows), 12), rows)
    own = rows.keep(np.arange(10))

    assert fit(np.ones(10), own, prior=pool) is pool

    week = hours_of(7)
    mine = fit(noise(week, 5.0, 13), week, prior=pool)
    table = mine.around(np.zeros(len(week)), week)
    height = table[:, -1] - table[:, 0]
    noon, midnight = week.day_turn == 0.5, week.day_turn == 0.0
    assert height[noon].mean() / height[midnight].mean() == pytest.approx(2.8, abs=0.6)
    assert height.mean() > 3.0 * (pool.around(np.zeros(len(week)), week)[:, -1]).mean()


def test_a_series_without_errors_known_has_no_width_and_a_network_keeps_its_own():
    rows = hours_of(2)
    unknown = np.full(len(rows), np.nan)
    raw = 5.0 + np.outer(np.ones(len(rows)), NORMAL)
    assert fit(unknown, rows) is NO_BANDS
    assert fit(unknown, rows, raw=raw) is AS_IT_IS
    assert AS_IT_IS.around(raw[:, MEDIAN], rows, raw=raw) == pytest.approx(raw)


def test_a_constant_series_has_finite_bands_of_no_width():
    rows = hours_of(60)
    bands = fit(np.zeros(len(rows)), rows)
    table = bands.around(np.full(len(rows), 7.0), rows)
    assert table == pytest.approx(7.0, abs=1e-6)


def noon_raw(rows):
    return np.outer(three_times_at_noon(rows), NORMAL)


@pytest.mark.parametrize("share", [0.5, 2.0])
def test_a_networks_bands_keep_their_shape_and_get_the_width_of_its_errors(share):
    rows, fresh = hours_of(450), hours_of(200)
    error = noise(rows, share * three_times_at_noon(rows), 14)
    bands = fit(error, rows, raw=noon_raw(rows))

    table = bands.around(np.zeros(len(fresh)), fresh, raw=noon_raw(fresh))

    # 450 days of errors count nine times as much as the network's own word.
    ratio = (table / (0.9 * share + 0.1))[:, SIDES] / noon_raw(fresh)[:, SIDES]
    assert ratio.mean(axis=0) == pytest.approx(np.ones(6), abs=0.06)
    noon, midnight = fresh.day_turn == 0.5, fresh.day_turn == 0.0
    assert ratio[noon].mean() == pytest.approx(ratio[midnight].mean(), rel=0.1)


def test_a_network_that_is_always_right_keeps_a_quarter_of_its_band():
    rows = hours_of(1_000)
    raw = np.outer(np.ones(len(rows)), NORMAL)
    bands = fit(np.zeros(len(rows)), rows, raw=raw)
    assert bands.around(np.zeros(len(rows)), rows, raw=raw) == pytest.approx(NARROWEST * raw)


def test_a_networks_quantiles_that_cross_are_put_in_order():
    rows = hours_of(1)
    raw = np.outer(np.ones(24), NORMAL[[1, 0, 2, 3, 4, 6, 5]])
    table = AS_IT_IS.around(np.zeros(24), rows, raw=raw)
    assert table == pytest.approx(np.outer(np.ones(24), NORMAL))


def test_a_centre_that_is_no_median_moves_to_the_median_of_the_errors():
    rows = hours_of(364)
    error = 2.0 + noise(rows, 1.0, 16)
    moved = fit(error, rows, centred=False)
    table = moved.around(np.zeros(len(rows)), rows)
    assert table[:, MEDIAN].mean() == pytest.approx(2.0, abs=0.1)
    assert (error < table[:, 0]).mean() == pytest.approx(0.05, abs=0.02)


def test_missing_readings_widen_the_band_by_their_share():
    known = hours_of(364)
    bands = fit(noise(known, 1.0, 17), known)
    whole = bands.around(np.zeros(24), hours_of(1))
    half = bands.around(np.zeros(24), hours_of(1, missing=0.5))
    assert half == pytest.approx(1.5 * whole)


def test_bands_follow_recent_errors_slowly():
    size, day = np.full(14, 3.0), np.arange(14)
    ratio = recent_ratio(size, day=day, before=np.array([0, 1, 14, 40]))
    # Mixed with two days of usual errors; only days before the origin, and only of two weeks.
    assert np.exp(ratio) == pytest.approx([1.0, 5 / 3, 44 / 16, 1.0])

    known = hours_of(364)
    bands = fit(noise(known, 1.0, 18), known)
    usual = bands.around(np.zeros(24), hours_of(1))
    now = bands.around(np.zeros(24), hours_of(1, recent=float(ratio[2])))
    assert now == pytest.approx(usual * (44 / 16) ** 0.4)


def test_recent_errors_are_one_on_average_for_the_errors_that_bands_were_learned_from():
    rows = hours_of(364)
    error = noise(rows, three_times_at_noon(rows), 19)
    size = fit(error, rows).size(error, rows)
    assert size.mean() == pytest.approx(1.0, abs=0.01)
    assert size[rows.day_turn == 0.5].mean() == pytest.approx(1.0, abs=0.15)


def test_bands_that_were_stored_are_the_same():
    rows = hours_of(364)
    bands = fit(noise(rows, three_times_at_noon(rows), 20), rows)
    arrays, facts = bands.to_arrays()

    again = Bands.from_arrays(
        {name: array.copy() for name, array in arrays.items()}, json.loads(json.dumps(facts))
    )

    assert (again.around(np.ones(24), hours_of(1)) == bands.around(np.ones(24), hours_of(1))).all()
    with pytest.raises(ValueError, match="train the model again"):
        Bands.from_arrays({"weights": arrays["weights"]}, facts)


def test_one_absurd_error_hardly_moves_a_band():
    rows = hours_of(100)
    error = noise(rows, 1.0, 21)
    absurd = error.copy()
    absurd[1_000] = 1e6
    usual, moved = (fit(e, rows) for e in (error, absurd))
    tables = [b.around(np.zeros(24), hours_of(1)) for b in (usual, moved)]
    assert tables[1][:, -1] == pytest.approx(tables[0][:, -1], rel=0.05)


def test_many_errors_are_drawn_from_every_hour_alike():
    rows = hours_of(4_004)  # twelve times as many as are looked at
    error = noise(rows, three_times_at_noon(rows), 22)
    held = inside(fit(error, rows), error, rows)
    by_hour = held.reshape(-1, 24).mean(axis=0)
    assert by_hour == pytest.approx(np.full(24, 0.9), abs=0.05)
