"""Scores of forecasts against what happened. Rows where either is missing do not count.

A score that is not defined, such as a share of nothing, is NaN and never an error or infinity.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from energy_assets.contracts.columns import QUANTILES


def mae(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error, in the unit of the values; NaN without rows."""
    truth, guess = _paired(actual, predicted)
    return float(np.abs(truth - guess).mean()) if len(truth) else float("nan")


def mse(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean squared error, in the squared unit of the values; NaN without rows."""
    truth, guess = _paired(actual, predicted)
    return float(((truth - guess) ** 2).mean()) if len(truth) else float("nan")


def rmse(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Square root of the mean squared error, in the unit of the values; NaN without rows."""
    return float(np.sqrt(mse(actual, predicted)))


def mape_percent(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean of |error| / |actual| over the rows that are not zero, in percent; NaN without any."""
    truth, guess = _paired(actual, predicted)
    truth, guess = truth[truth != 0], guess[truth != 0]
    return float((np.abs(truth - guess) / np.abs(truth)).mean() * 100) if len(truth) else np.nan


def mean_accuracy_percent(actual: ArrayLike, predicted: ArrayLike) -> float:
    """100 less the mean absolute percentage error; negative where that exceeds 100, or NaN."""
    return 100.0 - mape_percent(actual, predicted)


def alternative_accuracy_percent(actual: ArrayLike, predicted: ArrayLike) -> float:
    """100 x (1 - RMSE / mean of the actual values), in percent; NaN unless the mean is positive."""
    truth, _ = _paired(actual, predicted)
    mean = float(truth.mean()) if len(truth) else 0.0
    return 100.0 * (1.0 - rmse(actual, predicted) / mean) if mean > 0 else float("nan")


def category(r2: float) -> str | None:
    """`excellent` above .9, `good` above .7, `fair` above .5, else `poor`; none where undefined."""
    if np.isnan(r2):
        return None
    grades = ((0.9, "excellent"), (0.7, "good"), (0.5, "fair"))
    return next((grade for least, grade in grades if r2 > least), "poor")


def wape(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Sum of absolute errors over the sum of absolute values; NaN where that sum is zero."""
    truth, guess = _paired(actual, predicted)
    total = float(np.abs(truth).sum())
    return float(np.abs(truth - guess).sum()) / total if total > 0 else float("nan")


def mase(actual: ArrayLike, predicted: ArrayLike, *, naive_mae: float) -> float:
    """Mean absolute error over that of a seasonal naive on the training part.

    Hyndman and Koehler (2006), International Journal of Forecasting 22, 679-688. NaN where the
    naive was never wrong or is unknown.
    """
    error = mae(actual, predicted)
    return error / naive_mae if naive_mae > 0 else float("nan")


def seasonal_naive_mae(training: ArrayLike, *, season: int) -> float:
    """Mean absolute error of repeating the value of one season before, on a training part."""
    values = np.asarray(training, dtype=np.float64)
    return mae(values[season:], values[: max(len(values) - season, 0)])


def r2_score(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Coefficient of determination; NaN where the actual values do not vary."""
    truth, guess = _paired(actual, predicted)
    if not len(truth):
        return float("nan")
    variation = float(((truth - truth.mean()) ** 2).sum())
    return 1.0 - float(((truth - guess) ** 2).sum()) / variation if variation > 0 else float("nan")


def pinball(actual: ArrayLike, quantiles: ArrayLike, *, levels: Sequence[float]) -> float:
    """Mean pinball loss over rows and levels, in the unit of the values; NaN without rows.

    Args:
        actual: What happened, one value a row.
        quantiles: One row each, one column per level.
        levels: Quantile levels in 0 to 1.
    """
    truth = np.asarray(actual, dtype=np.float64)[:, None]
    table = np.asarray(quantiles, dtype=np.float64)
    known = np.isfinite(truth[:, 0]) & np.isfinite(table).all(axis=1)
    if not known.any():
        return float("nan")
    error = truth[known] - table[known]
    level = np.asarray(levels)[None, :]
    return float(np.maximum(level * error, (level - 1) * error).mean())


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of values within a band, its edges included; NaN without rows."""
    truth, below = np.asarray(actual, dtype=np.float64), np.asarray(low, dtype=np.float64)
    above = np.asarray(high, dtype=np.float64)
    known = np.isfinite(truth) & np.isfinite(below) & np.isfinite(above)
    inside = (truth >= below) & (truth <= above)
    return float(inside[known].mean()) if known.any() else float("nan")


def winkler(actual: ArrayLike, low: ArrayLike, high: ArrayLike, *, nominal: float = 0.9) -> float:
    """Mean interval score: the width of a band, and what lies outside it at the price of its level.

    Gneiting and Raftery (2007), Journal of the American Statistical Association 102, 359-378,
    equation 43; Winkler (1972). Lower is better. NaN without rows.

    Args:
        actual: What happened, one value a row.
        low: Lower edge of a central band.
        high: Its upper edge.
        nominal: Share of values that the band should hold.

    Returns:
        In the unit of the values.
    """
    truth, below = np.asarray(actual, dtype=np.float64), np.asarray(low, dtype=np.float64)
    above = np.asarray(high, dtype=np.float64)
    outside = np.maximum(below - truth, 0.0) + np.maximum(truth - above, 0.0)
    score = above - below + 2.0 / (1.0 - nominal) * outside
    known = np.isfinite(score)
    return float(score[known].mean()) if known.any() else float("nan")


def total_bias(actual: ArrayLike, mean: ArrayLike) -> float:
    """Sum of expected values over sum of actual values, less one; NaN where that sum is zero."""
    truth, expected = _paired(actual, mean)
    total = float(truth.sum())
    return float(expected.sum()) / total - 1.0 if total else float("nan")


def scores(
    actual: NDArray[np.float64],
    quantiles: NDArray[np.float64],
    mean: NDArray[np.float64],
    *,
    naive_mae: float,
) -> dict[str, float]:
    """Every score of forecasts; the median is the point, the mean makes the total.

    Args:
        actual: What happened, one value a row; NaN where unknown.
        quantiles: One row each, one column per level of `QUANTILES`.
        mean: Expected value of each row.
        naive_mae: Error of the seasonal naive on the training part, for MASE.

    Returns:
        Scores by name; NaN where one is not defined.
    """
    point = quantiles[:, QUANTILES.index(0.5)]
    pairwise = (
        mae,
        mse,
        rmse,
        wape,
        r2_score,
        mape_percent,
        mean_accuracy_percent,
        alternative_accuracy_percent,
    )
    return {score.__name__: score(actual, point) for score in pairwise} | {
        "mase": mase(actual, point, naive_mae=naive_mae),
        "pinball": pinball(actual, quantiles, levels=QUANTILES),
        "coverage_90": coverage(actual, quantiles[:, 0], quantiles[:, -1]),
        "total_bias": total_bias(actual, mean),
    }


def _paired(
    actual: ArrayLike, predicted: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rows in which both are known.

    Raises:
        ValueError: They do not have the same shape.
    """
    truth, guess = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.shape != guess.shape:
        raise ValueError(
            f"actual values have shape {truth.shape} and predictions {guess.shape}: score the same "
            f"rows of both."
        )
    known = np.isfinite(truth) & np.isfinite(guess)
    return truth[known], guess[known]
