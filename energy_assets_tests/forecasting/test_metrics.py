import math

import pytest

from energy_assets.forecasting import metrics

ACTUAL = [1.0, 2.0, 3.0, 4.0]
PREDICTED = [2.0, 2.0, 1.0, 4.0]


def test_scores_of_four_intervals_are_those_worked_out_by_hand():
    assert metrics.mae(ACTUAL, PREDICTED) == 3 / 4
    assert metrics.mse(ACTUAL, PREDICTED) == 5 / 4
    assert metrics.wape(ACTUAL, PREDICTED) == 3 / 10
    assert metrics.mase(ACTUAL, PREDICTED, naive_mae=0.5) == 1.5
    assert metrics.r2_score(ACTUAL, PREDICTED) == 0.0  # variation around 2.5 is 5


def test_a_missing_value_takes_its_row_out_of_every_score():
    actual, predicted = [*ACTUAL, math.nan, 7.0], [*PREDICTED, 3.0, math.nan]
    assert metrics.mae(actual, predicted) == 3 / 4
    assert metrics.wape(actual, predicted) == 3 / 10


def test_a_home_that_uses_nothing_has_no_share_of_error_but_has_an_error():
    assert math.isnan(metrics.wape([0.0, 0.0], [1.0, 0.0]))
    assert math.isnan(metrics.r2_score([0.0, 0.0], [1.0, 0.0]))
    assert math.isnan(metrics.mase([0.0, 0.0], [1.0, 0.0], naive_mae=0.0))
    assert metrics.mae([0.0, 0.0], [1.0, 0.0]) == 0.5


def test_without_rows_nothing_is_defined():
    nothing = [metrics.mae([], []), metrics.mse([], []), metrics.wape([], [])]
    nothing += [metrics.r2_score([], []), metrics.coverage([], [], [])]
    nothing.append(metrics.pinball([math.nan], [[1.0]], levels=[0.5]))
    assert all(math.isnan(score) for score in nothing)


def test_pinball_charges_the_tenth_percentile_nine_times_more_for_being_too_high():
    assert metrics.pinball([1.0], [[2.0]], levels=[0.1]) == pytest.approx(0.9)
    assert metrics.pinball([3.0], [[2.0]], levels=[0.1]) == pytest.approx(0.1)
    both = metrics.pinball([1.0, 3.0], [[2.0, 2.0], [2.0, 2.0]], levels=[0.1, 0.5])
    assert both == pytest.approx((0.9 + 0.1 + 0.5 + 0.5) / 4)


def test_coverage_counts_the_edges_as_inside():
    assert metrics.coverage([1.0, 2.0, 3.0, 9.0], [1.0] * 4, [3.0] * 4) == 0.75


def test_the_seasonal_naive_of_a_training_part_repeats_one_season():
    assert metrics.seasonal_naive_mae([1.0, 2.0, 3.0, 5.0], season=2) == 2.5
    assert math.isnan(metrics.seasonal_naive_mae([1.0], season=2))


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="score the same rows"):
        metrics.mae([1.0, 2.0], [1.0])


def test_percentages_are_over_the_intervals_that_used_something():
    # 0 is left out of the first two: errors of 100 %, 0 % and 50 % of 1, 2 and 4.
    actual, predicted = [1.0, 2.0, 4.0, 0.0], [2.0, 2.0, 2.0, 1.0]
    assert metrics.mape_percent(actual, predicted) == pytest.approx(50.0)
    assert metrics.mean_accuracy_percent(actual, predicted) == pytest.approx(50.0)
    # RMSE is the root of (1 + 0 + 4 + 1) / 4; the mean is 7 / 4.
    assert metrics.rmse(actual, predicted) == pytest.approx(math.sqrt(1.5))
    expected = 100 * (1 - math.sqrt(1.5) / 1.75)
    assert metrics.alternative_accuracy_percent(actual, predicted) == pytest.approx(expected)


def test_a_meter_that_used_nothing_has_no_percentages_and_no_category():
    for score in (
        metrics.mape_percent,
        metrics.mean_accuracy_percent,
        metrics.alternative_accuracy_percent,
    ):
        assert math.isnan(score([0.0, 0.0], [1.0, 0.0]))
        assert math.isnan(score([], []))
    assert metrics.category(math.nan) is None


@pytest.mark.parametrize(
    ("r2", "category"),
    [(0.91, "excellent"), (0.9, "good"), (0.7, "fair"), (0.5, "poor"), (-3.0, "poor")],
)
def test_categories_begin_above_their_limits(r2, category):
    assert metrics.category(r2) == category


def test_the_interval_score_is_the_width_and_twenty_times_what_lies_outside_a_band_of_90_percent():
    actual, low, high = [5.0, 0.5, 8.0, math.nan], [1.0, 1.0, 1.0, 1.0], [6.0, 4.0, 7.0, 2.0]
    # Inside; half a kWh below; one above; unknown.
    by_hand = (5.0 + (3.0 + 20 * 0.5) + (6.0 + 20 * 1.0)) / 3
    assert metrics.winkler(actual, low, high) == pytest.approx(by_hand)
    assert metrics.winkler([8.0], [1.0], [7.0], nominal=0.5) == pytest.approx(6.0 + 4.0)
    assert math.isnan(metrics.winkler([math.nan], [1.0], [2.0]))
