"""Weights of families: what earns one, what does not, and who has a say."""

import numpy as np
import pytest

from energy_assets.contracts.columns import QUANTILES
from energy_assets.forecasting.weights import (
    MemberRows,
    ValidationRows,
    Weights,
    average,
    fit_weights,
)


def member(point, mean=None) -> MemberRows:
    point = np.asarray(point, dtype=np.float64)
    return MemberRows(
        quantiles=np.repeat(point[:, None], len(QUANTILES), axis=1),
        mean=point if mean is None else np.asarray(mean, dtype=np.float64),
    )


def validation(members, actual, *, usual=3.0):
    return ValidationRows(
        day=np.arange(len(actual)) // 24,
        actual=np.asarray(actual, dtype=np.float64),
        usual_error=usual,
        members=members,
    )


def noisy(days=28, *, errors=(1.0, 1.0), seed=0):
    """What happened, and members `a` and `b` that err independently, so much each."""
    rng = np.random.default_rng(seed)
    actual = 10 + rng.normal(0, 3, days * 24)
    made = {
        n: member(actual + rng.normal(0, e, len(actual))) for n, e in zip("ab", errors, strict=True)
    }
    return validation(made, actual)


def fitted(rows, members=("a", "b")):
    return fit_weights(rows, members=members)


def test_the_better_member_gets_more_weight_and_which_one_does_not_depend_on_the_order():
    rows = {f"s{n}": noisy(errors=(1.0, 3.0), seed=n) for n in range(8)}
    one, other = fitted(rows).pool, fitted(rows, ("b", "a")).pool
    assert one.quantiles[0] > 0.7
    assert one.mean[0] > 0.7
    assert other.quantiles == pytest.approx(one.quantiles[::-1], abs=1e-6)
    assert other.mean == pytest.approx(one.mean[::-1], abs=1e-6)
    assert sum(one.mean) == pytest.approx(1.0)
    assert min(one.mean) >= 0.0


def test_weights_come_near_those_of_independent_errors():
    rows = {f"s{n}": noisy(days=120, errors=(1.0, 2.0), seed=n) for n in range(10)}
    # The least variance is at 1/s² over the sum, 4 / 5; of 120 days a thirteenth is equal ones.
    expected = (120 * 0.8 + 10 * 0.5) / 130
    found = fitted(rows).pool
    assert found.quantiles[0] == pytest.approx(expected, abs=0.04)
    assert found.mean[0] == pytest.approx(expected, abs=0.06)


def test_members_that_are_as_good_keep_equal_weights():
    for seed in range(6):
        found = fitted({f"s{n}": noisy(days=14, seed=100 * seed + n) for n in range(3)}).pool
        assert found.quantiles[0] == pytest.approx(0.5, abs=0.05)
        assert found.mean[0] == pytest.approx(0.5, abs=0.08)


def test_who_was_better_in_one_half_only_earns_nothing():
    first, second = noisy(days=14, errors=(1.0, 2.0)), noisy(days=14, errors=(2.0, 1.0), seed=1)
    actual = np.concatenate([first.actual, second.actual])
    joined = {
        name: member(np.concatenate([first.members[name].mean, second.members[name].mean]))
        for name in "ab"
    }
    found = fitted({"s": validation(joined, actual)}).pool
    assert found.quantiles == (0.5, 0.5)
    assert found.mean == (0.5, 0.5)


def test_a_member_far_worse_than_the_others_gets_little_weight_from_two_weeks():
    rng = np.random.default_rng(3)
    rows = {}
    for number in range(10):
        actual = 10 + rng.normal(0, 3, 14 * 24)
        shared = rng.normal(0, 1, len(actual))  # members err alike
        made = {n: member(actual + shared + rng.normal(0, 0.3, len(actual))) for n in "ab"}
        made["c"] = member(actual + shared + rng.normal(0, 3, len(actual)))
        rows[f"s{number}"] = validation(made, actual)
    found = fitted(rows, ("a", "b", "c")).pool
    assert found.quantiles[2] < 0.2
    assert found.mean[2] < 0.2


def test_a_median_that_is_right_and_a_mean_that_is_wrong_have_weights_apart():
    rng = np.random.default_rng(0)
    actual = np.where(rng.random(28 * 24) < 0.3, 10.0, 1.0)
    low, high = np.full(len(actual), 1.0), np.full(len(actual), 0.3 * 10 + 0.7)
    rows = {f"s{n}": validation({"a": member(low), "b": member(high)}, actual) for n in range(10)}
    found = fitted(rows).pool
    assert found.quantiles[0] > found.mean[0] + 0.2
    assert found.mean[1] > 0.6


def test_a_silent_series_among_eight_does_not_decide_for_the_others():
    rows = {f"s{n}": noisy(errors=(1.0, 3.0), seed=n) for n in range(7)}
    silent = np.zeros(28 * 24)
    rows["silent"] = validation({"a": member(silent + 1.0), "b": member(silent)}, silent, usual=0.0)
    found = fitted(rows)
    assert found.pool.quantiles[0] > 0.65
    assert found.pool.mean[0] > 0.65
    assert found.of("silent").quantiles[0] < found.pool.quantiles[0] - 0.1


def test_bursts_that_no_member_expected_do_not_upset_the_weights():
    rows = {f"s{n}": noisy(errors=(1.0, 3.0), seed=n) for n in range(8)}
    actual = rows["s0"].actual.copy()
    actual[::50] *= 1_000.0
    rows["s0"] = validation(rows["s0"].members, actual)
    assert fitted(rows).pool.quantiles[0] > 0.7
    assert fitted(rows).pool.mean[0] > 0.7


def test_two_absurd_forecasts_of_one_series_do_not_decide_for_all():
    rows = {f"s{n}": noisy(errors=(1.0, 3.0), seed=n) for n in range(8)}
    absurd = rows["s0"].members["a"].mean.copy()
    absurd[[100, 500]] = 100_000.0
    both = {"a": member(absurd), "b": rows["s0"].members["b"]}
    rows["s0"] = validation(both, rows["s0"].actual)
    found = fitted(rows)
    assert found.pool.mean[0] > 0.65
    assert found.pool.quantiles[0] > 0.65


def test_a_series_that_differs_in_many_days_has_weights_of_its_own():
    rows = {f"s{n}": noisy(days=90, errors=(1.0, 3.0), seed=n) for n in range(10)}
    rows["odd"] = noisy(days=90, errors=(3.0, 1.0), seed=99)
    rows["brief"] = noisy(days=2, errors=(3.0, 1.0), seed=98)
    found = fitted(rows)
    assert found.own["odd"].quantiles[1] > 0.5
    assert found.of("brief") == found.of("never seen") == found.pool
    assert fitted({}).pool == Weights(members=("a", "b"), quantiles=(0.5, 0.5), mean=(0.5, 0.5))


def test_a_member_that_a_series_lacks_earns_nothing_there():
    rows = {f"s{n}": noisy(errors=(1.0, 1.0), seed=n) for n in range(10)}
    actual = rows["s0"].actual
    rows["bare"] = validation({"b": member(actual + 1.0)}, actual)
    assert fitted(rows).pool.quantiles[0] == pytest.approx(0.5, abs=0.05)
    assert np.isfinite(fitted(rows).of("bare").quantiles).all()


def test_an_average_of_unlike_members_is_no_worse_than_the_better_one():
    rows = {f"s{n}": noisy(errors=(1.0, 1.5), seed=n) for n in range(10)}
    found = fitted(rows)
    for number in range(10):
        fresh = noisy(errors=(1.0, 1.5), seed=1_000 + number)
        _, share = found.of(f"s{number}").of(("a", "b"))
        both = np.stack([fresh.members[name].mean for name in "ab"], axis=1)
        error = np.abs(average(both, share) - fresh.actual).mean()
        assert error < np.abs(fresh.members["a"].mean - fresh.actual).mean()


def test_who_is_unknown_in_a_row_gives_its_weight_to_the_others():
    values = np.array([[1.0, 3.0], [np.nan, 3.0], [np.nan, np.nan]])
    found = average(values, np.array([0.75, 0.25]))
    assert found[:2].tolist() == [1.5, 3.0]
    assert np.isnan(found[2])
    assert average(values[1], np.array([1.0, 0.0])) == 3.0


def test_weights_are_found_by_name_and_kept_as_json():
    weights = Weights(members=("a", "b"), quantiles=(0.9, 0.1), mean=(0.4, 0.6))
    quantiles, mean = weights.of(["b", "c", "a"])
    assert quantiles.tolist() == [0.1, 0.0, 0.9]
    assert mean.tolist() == [0.6, 0.0, 0.4]
    assert Weights.from_json(weights.as_json()) == weights
