import numpy as np
import pytest

from energy_assets.contracts.forecasts import QUANTILES
from energy_assets.forecasting.calibration import (
    AS_IT_IS,
    NARROWEST,
    band_factors,
    blended_factors,
    calibrated,
)

NORMAL = np.array([-1.645, -1.282, -0.674, 0.0, 0.674, 1.282, 1.645])


def test_bands_that_are_half_as_wide_as_the_errors_are_doubled():
    rng = np.random.default_rng(0)
    width = rng.uniform(0.5, 3.0, 20_000)
    actual = 50.0 + 2.0 * width * rng.standard_normal(20_000)
    quantiles = 50.0 + width[:, None] * NORMAL
    factors = np.array(band_factors(actual, quantiles))
    assert np.delete(factors, 3) == pytest.approx([2.0] * 6, rel=0.05)
    mended = calibrated(quantiles, tuple(factors))
    shares = (actual[:, None] <= mended).mean(axis=0)
    assert shares == pytest.approx(np.array(QUANTILES), abs=0.01)


def test_with_few_errors_bands_stay_as_they_are():
    assert band_factors(np.ones(5), np.ones((5, 1)) + NORMAL) == AS_IT_IS
    assert band_factors(np.full(100, np.nan), np.ones((100, 1)) + NORMAL) == AS_IT_IS


def test_a_customer_that_is_always_predicted_exactly_keeps_some_band():
    factors = band_factors(np.full(100, 5.0), 5.0 + np.ones((100, 1)) * NORMAL)
    assert min(factors) == NARROWEST


def test_own_and_pooled_factors_weigh_alike_after_seven_days():
    assert blended_factors((3.0,), (1.0,), days=7.0) == (2.0,)
    assert blended_factors((3.0,), (1.0,), days=0.0) == (1.0,)


def test_missing_readings_widen_the_band_around_the_same_median():
    quantiles = 10.0 + NORMAL[None]
    whole, half = (calibrated(quantiles, AS_IT_IS, imputed_share=s)[0] for s in (0.0, 0.5))
    assert whole == pytest.approx(10.0 + NORMAL)
    assert half == pytest.approx(10.0 + 1.5 * NORMAL)


def test_uneven_factors_cannot_make_quantiles_cross_and_energy_is_never_negative():
    crossing = calibrated(1.0 + NORMAL[None], (0.25, 4.0, 1.0, 1.0, 4.0, 0.25, 0.25))[0]
    assert (np.diff(crossing) >= 0).all()
    assert crossing[0] == 0.0
    assert crossing[3] == 1.0
