"""Bands from held-out errors."""

import numpy as np
import pytest

from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.bands import fit_bands


def test_bands_hold_what_they_promise_on_new_errors():
    rng = np.random.default_rng(0)
    lead = np.repeat([1, 3, 10], 2_000)
    spread = np.repeat([1.0, 2.0, 3.0], 2_000)
    zeros = np.zeros(6_000, dtype=np.int64)
    bands = fit_bands(rng.normal(0, spread), lead_day=lead, day_part=zeros, centred=True)
    fresh = rng.normal(0, spread)
    table = bands.around(np.zeros(6_000), lead_day=lead, day_part=zeros)
    for day in (1, 3, 10):
        inside = (fresh >= table[:, 0]) & (fresh <= table[:, -1])
        assert inside[lead == day].mean() == pytest.approx(0.9, abs=0.03)


def test_errors_that_shrink_with_the_distance_do_not_narrow_a_band():
    rng = np.random.default_rng(1)
    lead = np.repeat([1, 3, 10], 500)
    error = rng.normal(0, np.repeat([3.0, 2.0, 1.0], 500))
    zeros = np.zeros(1_500, dtype=np.int64)
    bands = fit_bands(error, lead_day=lead, day_part=zeros, centred=True)
    days = np.arange(1, 15)
    table = bands.around(np.zeros(14), lead_day=days, day_part=np.zeros(14, dtype=np.int64))
    assert (np.diff(table[:, -1] - table[:, 0]) > 0).all()
    assert (table[:, QUANTILES.index(0.5)] == 0).all()


def test_one_sided_errors_leave_the_median_in_place_unless_it_is_to_move():
    error, zeros = np.linspace(1.0, 2.0, 200), np.zeros(200, dtype=np.int64)
    held = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=True)
    moved = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=False)
    at = {"lead_day": np.array([1]), "day_part": np.array([0])}
    assert held.around(np.zeros(1), **at)[0, 3] == 0.0
    assert held.around(np.zeros(1), **at)[0, 0] == 0.0
    trust = 200 / (200 + 100)
    assert moved.around(np.zeros(1), **at)[0, 3] == pytest.approx(1.5 * trust, abs=0.01)


def test_without_errors_a_band_has_no_width_and_half_missing_widens_by_half():
    nothing = np.zeros(0)
    none = np.zeros(0, dtype=np.int64)
    bands = fit_bands(nothing, lead_day=none, day_part=none, centred=True)
    assert not bands.offsets.any()
    error, zeros = np.linspace(-1, 1, 400), np.zeros(400, dtype=np.int64)
    bands = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=True)
    at = {"lead_day": np.array([1]), "day_part": np.array([0])}
    whole, half = bands.around(np.zeros(1), **at), bands.around(np.zeros(1), **at, missing=0.5)
    np.testing.assert_allclose(half, 1.5 * whole)


@pytest.mark.parametrize(("held_days", "share"), [(np.inf, 0.0), (20, 0.5), (5, 0.8)])
def test_few_days_that_erred_one_way_widen_the_band_on_both_sides(held_days, share):
    error = np.linspace(0.1, 1.0, 10_000)
    zeros = np.zeros(len(error), dtype=np.int64)

    bands = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=True, held_days=held_days)

    low, high = bands.offsets[0, 0, 0], bands.offsets[0, 0, -1]
    assert high == pytest.approx(0.955, abs=0.05)
    assert low == pytest.approx(-share * high, abs=1e-9)


def test_hours_of_few_days_count_as_few_errors():
    error = np.linspace(-1.0, 1.0, 4_801)
    zeros = np.zeros(len(error), dtype=np.int64)

    many = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=True)
    few = fit_bands(error, lead_day=zeros + 1, day_part=zeros, centred=True, held_days=4)

    # .95 of 4,801 errors, and .95 * 13 / 12 > 1 of what counts as twelve.
    assert many.offsets[0, 0, -1] == pytest.approx(0.9, abs=0.001)
    assert few.offsets[0, 0, -1] == pytest.approx(1.0)
