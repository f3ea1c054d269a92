"""The expected value beside the median."""

import numpy as np
import pytest

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.expected import (
    ABSURD,
    TRAPEZOID,
    Expected,
    fit_expected,
    presumed,
)

MEDIAN = QUANTILES.index(0.5)


def days_of(days):
    return np.repeat(np.arange(days), 24)


def without(rows):
    return np.zeros((rows, 0))


def bursts(days, seed, *, level=1.0):
    """Hours that are mostly small and at times large: exponential, and its exact quantiles."""
    rng = np.random.default_rng(seed)
    scale = level * (1.0 + np.tile(np.arange(24) >= 12, days))
    quantiles = -np.log(1.0 - np.array(QUANTILES)) * scale[:, None]
    return rng.exponential(scale), quantiles


def test_the_sum_of_expected_values_of_bursts_is_right_where_that_of_medians_is_a_third_too_low():
    actual, quantiles = bursts(300, 0)
    learned = fit_expected(actual, quantiles, without(len(actual)), day=days_of(300))

    fresh, ahead = bursts(400, 1)
    mean = learned.mean(ahead, without(len(fresh)))

    # The median of an exponential distribution is log 2 of its mean.
    assert ahead[:, MEDIAN].sum() / fresh.sum() == pytest.approx(np.log(2.0), abs=0.02)
    assert mean.sum() / fresh.sum() == pytest.approx(1.0, abs=0.02)
    evening = np.tile(np.arange(24) >= 12, 400)
    assert mean[evening].sum() / fresh[evening].sum() == pytest.approx(1.0, abs=0.03)


def test_where_medians_are_as_often_too_high_as_too_low_the_median_is_the_mean():
    rng = np.random.default_rng(2)
    quantiles = 10.0 + np.outer(np.ones(24 * 60), [-3.0, -2.0, -1.0, 0.0, 2.0, 4.0, 6.0])

    def says_median():
        actual = 10.0 + rng.normal(0.0, 1.0, len(quantiles))  # the network's tail is wrong
        learned = fit_expected(actual, quantiles, without(len(actual)), day=days_of(60))
        return not learned.weights.any()

    # Two standard errors are exceeded by chance once in twenty times.
    assert np.mean([says_median() for _ in range(40)]) > 0.85


def test_a_bias_of_the_last_month_only_is_not_taken_for_the_expected_value():
    quantiles = 10.0 + np.outer(np.ones(24 * 60), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    by_turns = np.where(days_of(60) % 2 == 0, 1.0, -1.0)
    late = days_of(60) >= 30

    passing, lasting = (
        fit_expected(10.0 + by_turns + bias, quantiles, without(24 * 60), day=days_of(60))
        for bias in (1.2 * late, np.full(24 * 60, 0.6))
    )

    assert not passing.weights.any()
    assert lasting.weights.any()


def test_a_few_noisy_days_are_no_reason_to_take_the_median_of_bursts_for_their_mean():
    says_median = []
    for seed in range(20):
        actual, quantiles = bursts(12, seed)
        learned = fit_expected(actual, quantiles, without(len(actual)), day=days_of(12))
        says_median.append(not learned.weights.any())
    assert not any(says_median)


def test_one_absurd_day_hardly_moves_the_expected_value():
    actual, quantiles = bursts(60, 4)
    absurd = actual.copy()
    absurd[24:48] = 1e6

    usual, moved = (
        fit_expected(values, quantiles, without(len(actual)), day=days_of(60))
        for values in (actual, absurd)
    )

    sums = [learned.mean(quantiles, without(len(actual))).sum() for learned in (usual, moved)]
    # A day counts for at most so many usual errors, one of sixty days.
    assert sums[1] / sums[0] == pytest.approx(1.0, abs=ABSURD / 60)


def test_few_days_leave_what_is_presumed():
    actual, quantiles = bursts(4, 5)
    learned = fit_expected(actual, quantiles, without(len(actual)), day=days_of(4))
    assert learned.mean(quantiles, without(len(actual))) == pytest.approx(quantiles @ TRAPEZOID)

    pool = Expected(weights=np.arange(7.0))
    alike = fit_expected(actual, quantiles, without(len(actual)), day=days_of(4), prior=pool)
    assert alike is pool


def test_a_series_departs_from_its_pool_as_its_days_grow():
    _, quantiles = bursts(1_000, 6)
    twice = quantiles[:, MEDIAN] * 2.0 + np.random.default_rng(7).normal(0.0, 0.1, len(quantiles))
    pool = Expected(weights=TRAPEZOID)

    def total(days):
        rows = 24 * days
        learned = fit_expected(
            twice[:rows], quantiles[:rows], without(rows), day=days_of(days), prior=pool
        )
        return learned.mean(quantiles, without(len(quantiles))).sum() / twice.sum()

    assert total(6) < total(50) < total(1_000)
    assert total(1_000) == pytest.approx(1.0, abs=0.03)
    assert total(6) == pytest.approx((quantiles @ TRAPEZOID).sum() / twice.sum(), abs=0.05)


def test_a_home_without_a_pool_is_drawn_to_the_trapezoid_rule_as_much_as_to_a_pool():
    actual, quantiles = bursts(40, 14)
    twice = quantiles[:, MEDIAN] * 2.0 + np.random.default_rng(7).normal(0.0, 0.1, len(quantiles))
    rows = {"day": days_of(40)}
    alone = fit_expected(twice, quantiles, without(len(actual)), **rows)
    of_pool = fit_expected(twice, quantiles, without(len(actual)), prior=presumed(0), **rows)
    assert alone.weights == pytest.approx(of_pool.weights)
    number = np.repeat([0, 1], 24 * 20)
    pool = fit_expected(twice, quantiles, without(len(actual)), series=number, **rows)
    truth, start = 2.0 * quantiles[:, MEDIAN].sum(), (quantiles @ TRAPEZOID).sum()
    sums = [one.mean(quantiles, without(len(actual))).sum() for one in (alone, pool)]
    assert abs(sums[1] - truth) < abs(sums[0] - truth) < abs(start - truth)


def test_a_pool_of_unlike_series_weighs_days_of_each():
    parts = [bursts(30, seed, level=level) for seed, level in ((8, 1.0), (9, 50.0))]
    units = [quantiles[:, -1].mean() for _, quantiles in parts]
    actual = np.concatenate([a / unit for (a, _), unit in zip(parts, units, strict=True)])
    quantiles = np.concatenate([q / unit for (_, q), unit in zip(parts, units, strict=True)])
    series = np.repeat([0, 1], 24 * 30)

    pool = fit_expected(
        actual, quantiles, without(len(actual)), day=np.tile(days_of(30), 2), series=series
    )

    for (a, q), unit in zip(parts, units, strict=True):
        mean = pool.mean(q / unit, without(len(q))) * unit
        assert mean.sum() / a.sum() == pytest.approx(1.0, abs=0.08)


def test_a_baseline_that_knows_the_mean_is_used_and_an_unknown_one_does_no_harm():
    rng = np.random.default_rng(10)
    days = 200
    truth = rng.uniform(1.0, 9.0, 24 * days)
    actual = truth + rng.normal(0.0, 0.5, len(truth))
    quantiles = 4.0 + np.outer(np.ones(len(truth)), [-0.4, -0.3, -0.1, 0.0, 0.1, 0.3, 0.4])
    baselines = truth[:, None].copy()
    learned = fit_expected(actual, quantiles, baselines, day=days_of(days))

    assert np.corrcoef(learned.mean(quantiles, baselines), truth)[0, 1] > 0.99
    without_it = quantiles[:, MEDIAN] + (quantiles - quantiles[:, [MEDIAN]]) @ learned.weights[:7]
    for nothing_new in (np.full_like(baselines, np.nan), quantiles[:, [MEDIAN]]):
        assert learned.mean(quantiles, nothing_new) == pytest.approx(without_it)


def test_a_signed_series_has_a_mean_below_zero():
    actual, quantiles = bursts(60, 11)
    learned = fit_expected(-actual, -quantiles[:, ::-1], without(len(actual)), day=days_of(60))
    mean = learned.mean(-quantiles[:, ::-1], without(len(actual)))
    assert mean.sum() / -actual.sum() == pytest.approx(1.0, abs=0.02)


def test_a_constant_series_is_expected_as_it_is():
    quantiles = np.full((24 * 30, 7), 5.0)
    learned = fit_expected(np.full(24 * 30, 5.0), quantiles, without(24 * 30), day=days_of(30))
    assert learned.mean(quantiles, without(24 * 30)) == pytest.approx(5.0)


def test_rows_whose_value_is_unknown_do_not_count():
    actual, quantiles = bursts(60, 12)
    more = np.concatenate([actual, np.full(24 * 5, np.nan)])
    wider = np.concatenate([quantiles, quantiles[: 24 * 5]])
    known = fit_expected(actual, quantiles, without(len(actual)), day=days_of(60))
    padded = fit_expected(more, wider, without(len(more)), day=days_of(65))
    assert padded.weights == pytest.approx(known.weights)


def test_what_was_stored_gives_the_same_mean():
    quantiles = np.sort(np.random.default_rng(13).normal(size=(5, 7)), axis=1)
    learned = presumed(0)
    again = Expected.from_arrays(learned.to_arrays())
    assert (again.mean(quantiles, without(5)) == learned.mean(quantiles, without(5))).all()
    assert learned.mean(quantiles, without(5)) == pytest.approx(quantiles @ TRAPEZOID)
