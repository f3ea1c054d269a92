"""Kernel ridge regression, against the textbook's formulas and slow loops."""

import numpy as np
import pytest

from energy_assets.forecasting.kernel.regression import (
    errors_without_blocks,
    fit_regression,
    left_out_errors,
    scaler_of,
)

ROWS, SLOTS = 300, 3


def examples():
    """Columns of two groups, some unknown, and what depends on them in a bent way."""
    rng = np.random.default_rng(1)
    first, second = rng.normal(5, 2, (ROWS, 4)), rng.normal(-3, 0.1, (ROWS, 1))
    wanted = np.sin(first[:, :SLOTS]) + second * [[1.0, 2.0, 3.0]]
    first[rng.random(first.shape) < 0.05] = np.nan
    return [(first, 1.0), (second, 2.0)], wanted


def test_a_machine_answers_as_the_formula_does():
    groups, wanted = examples()
    table = np.concatenate([group for group, _ in groups], axis=1)
    learned = np.arange(250)
    scaler = scaler_of(groups, learned)
    regression = fit_regression(scaler, table[learned], wanted[learned], narrowness=0.3, noise=0.01)
    at = scaler.coordinates(table).astype(np.float64)

    def likeness(left, right):
        return np.exp(-0.3 * ((left[:, None] - right[None]) ** 2).sum(axis=-1))

    square = likeness(at[learned], at[learned]) + 0.01 * np.eye(250)
    mean = wanted[learned].mean(axis=0)
    expected = mean + likeness(at, at[learned]) @ np.linalg.solve(square, wanted[learned] - mean)
    np.testing.assert_allclose(regression.predict(table), expected, atol=1e-4)


def test_errors_of_days_left_out_are_those_of_machines_that_never_saw_them():
    groups, wanted = examples()
    wanted = wanted[:40] - wanted[:40].mean(axis=0)
    at = scaler_of(groups, np.arange(40)).coordinates(
        np.concatenate([group[:40] for group, _ in groups], axis=1)
    )
    distance = ((at[:, None].astype(np.float64) - at[None]) ** 2).sum(axis=-1)
    kernel = np.exp(-0.2 * distance)
    noises = (0.001, 0.1)
    for noise, errors in zip(noises, left_out_errors(kernel, wanted, noises), strict=True):
        for day in range(40):
            rest = np.delete(np.arange(40), day)
            square = kernel[np.ix_(rest, rest)] + noise * np.eye(39)
            predicted = kernel[day, rest] @ np.linalg.solve(square, wanted[rest])
            assert errors[day] == pytest.approx(wanted[day] - predicted, abs=1e-6)


def test_what_is_unknown_counts_as_the_mean_of_its_column():
    groups, _ = examples()
    scaler = scaler_of(groups, np.arange(ROWS))
    table = np.concatenate([group for group, _ in groups], axis=1)
    known = np.nanmean(table, axis=0)[None]
    np.testing.assert_allclose(scaler.coordinates(known).astype(float), 0.0, atol=1e-6)
    np.testing.assert_array_equal(scaler.coordinates(np.full_like(known, np.nan)), 0.0)


def test_a_group_counts_as_its_weight_says_however_many_columns_it_has():
    rng = np.random.default_rng(0)
    narrow, wide = rng.normal(size=(2_000, 1)), rng.normal(size=(2_000, 50))
    scaler = scaler_of([(narrow, 3.0), (wide, 2.0)], np.arange(2_000))
    at = scaler.coordinates(np.concatenate([narrow, wide], axis=1)).astype(np.float64)
    assert (at[:, :1] ** 2).sum(axis=1).mean() == pytest.approx(9.0, rel=0.02)
    assert (at[:, 1:] ** 2).sum(axis=1).mean() == pytest.approx(4.0, rel=0.02)


def test_errors_of_blocks_left_out_are_those_of_regressions_that_saw_no_day_of_the_block():
    groups, wanted = examples()
    wanted = wanted[:40] - wanted[:40].mean(axis=0)
    at = scaler_of(groups, np.arange(40)).coordinates(
        np.concatenate([group[:40] for group, _ in groups], axis=1)
    )
    distance = ((at[:, None].astype(np.float64) - at[None]) ** 2).sum(axis=-1)
    kernel = np.exp(-0.2 * distance)
    block = np.arange(40) // 15
    errors = errors_without_blocks(kernel, wanted, block, noise=0.1)
    for number in range(3):
        own, rest = np.flatnonzero(block == number), np.flatnonzero(block != number)
        square = kernel[np.ix_(rest, rest)] + 0.1 * np.eye(len(rest))
        predicted = kernel[np.ix_(own, rest)] @ np.linalg.solve(square, wanted[rest])
        np.testing.assert_allclose(errors[own], wanted[own] - predicted, atol=1e-6)
