"""Who serves a pool of homes, and which of them are served by another family of their own."""

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasts.choice import pool_default, series_choice
from energy_assets.forecasts.evidence import Evidence, Pool

HOMES, DAYS = 40, 7
NOISE = 0.15
"""How much the errors of one day vary around what is usual of a family in a home."""


def home(number, **usual):
    """What seven days say of families that err so much of what the blend errs."""
    rng = np.random.default_rng(number)
    table = pd.DataFrame(
        {name: rng.normal(error, NOISE, DAYS) for name, error in usual.items()}
        | {"naive_blend": np.full(DAYS, 1.0)}
    )
    # In a unit of its own: homes differ in size.
    size = 10.0 ** (number % 4)
    errors = {str(name): float(own.mean()) * size for name, own in table.items()}
    return Evidence(errors=errors, usual=size, by_day=table * size)


def street(bilstm=0.8, combination=0.72, count=HOMES, **others):
    return [home(n, bilstm=bilstm, combination=combination, **others) for n in range(count)]


def served(homes, *, champion=None, before="bilstm"):
    """The default of the pool, and the family of each home."""
    pool = Pool(series=homes)
    default = pool_default(pool, before)
    chosen = [
        series_choice(own, pool, champion=champion, before=before, default=default)[0]
        for own in homes
    ]
    return default, chosen


def alone(own, champion=None):
    """The family of a home whose contest nobody else is in."""
    pool = Pool(series=[own])
    default = pool_default(pool, "bilstm")
    return series_choice(own, pool, champion=champion, before="bilstm", default=default)[0]


def test_what_is_better_over_the_pool_serves_every_home_though_hardly_one_can_prove_it():
    homes = street()
    assert [alone(one) for one in homes].count("combination") < HOMES / 4
    default, found = served(homes)
    assert default.family == "combination"
    assert found.count("combination") >= HOMES - 1  # in forty there is one of seven odd days
    assert "less than bilstm over 40 series" in default.reason
    assert default.errors["combination"] == pytest.approx(0.72, abs=0.02)


def test_a_family_that_is_as_good_does_not_take_over_the_pool():
    default, found = served(street(combination=0.8))
    assert default.family == "bilstm"
    assert found.count("bilstm") >= HOMES - 1
    assert "nothing clearly beats bilstm" in default.reason


def test_a_naive_takes_over_a_pool_only_where_it_is_far_better():
    assert served(street(bilstm=1.05, combination=1.06))[0].family == "bilstm"
    assert served(street(bilstm=1.3, combination=1.3))[0].family == "naive_blend"


def test_a_home_where_the_pools_best_is_clearly_bad_keeps_its_own():
    homes = [home(99, bilstm=0.5, combination=1.2), *street()]
    default, found = served(homes)
    assert default.family == "combination"
    assert found[0] == "bilstm"
    assert found.count("combination") >= HOMES - 1


def test_a_home_of_absurd_errors_does_not_decide_for_the_others():
    homes = [home(99, bilstm=0.5, combination=300.0), *street(count=12)]
    default, found = served(homes)
    assert default.family == "combination"
    assert found[0] == "bilstm"


def test_a_home_goes_back_to_the_default_once_its_own_is_not_better_there():
    homes = street(xgboost=0.8)
    own = home(0, bilstm=0.8, combination=0.78, xgboost=0.8)
    # Alone, its few days do not say that the combination is clearly better than what serves.
    assert alone(own, champion="xgboost") == "xgboost"
    assert served([own, *homes[1:]], champion="xgboost")[1][0] == "combination"
    better = home(0, bilstm=0.8, combination=0.78, xgboost=0.3)
    assert served([better, *homes[1:]], champion="xgboost")[1][0] == "xgboost"


def test_four_homes_are_no_pool():
    homes = street(count=4)
    default, found = served(homes)
    assert (default.family, default.errors) == ("bilstm", {})
    assert found == [alone(one) for one in homes]


def test_a_home_trained_alone_is_served_by_the_stored_default_until_its_days_say_otherwise():
    own = home(3, bilstm=0.8, combination=0.8)
    pool = Pool(series=[own])
    default = pool_default(pool, "combination")

    def choice(one, champion):
        return series_choice(one, pool, champion=champion, before="combination", default=default)[0]

    assert default.family == "combination"
    assert choice(own, None) == "combination"
    assert choice(own, "xgboost") == "combination"  # has no model any more
    assert choice(own, "bilstm") == "bilstm"
    assert choice(home(3, bilstm=0.4, combination=0.8), None) == "bilstm"
    assert choice(None, None) == "combination"
    assert choice(None, "xgboost") == "xgboost"


def test_a_default_that_no_run_can_make_any_more_gives_way_to_the_best_model():
    homes = [home(n, bilstm=0.8, xgboost=0.9) for n in range(HOMES)]
    default, found = served(homes, before="combination")
    assert default.family == "bilstm"
    assert set(found) == {"bilstm"}


def lead(table):
    """The lead of `b` over `a` in a pool, by days and series of how much less it errs."""
    pool = [
        Evidence(
            errors={"a": 1.0, "b": 1.0 - float(own.mean())},
            usual=1.0,
            by_day=pd.DataFrame({"a": np.ones(len(own)), "b": 1.0 - own}),
        )
        for own in table.T
    ]
    found = Pool(series=pool).lead("b", "a")
    assert found is not None
    return found, pool


def test_a_good_day_for_all_homes_counts_as_one_day_and_not_as_one_for_each_home():
    rng = np.random.default_rng(0)
    shared = np.repeat(rng.normal(0.1, 0.1, 14)[:, None], 30, axis=1)
    apart = rng.normal(0.1, 0.1, (14, 30))
    # The standard error of 14 days, and of 14 times 30.
    assert lead(shared)[0].mean.doubt == pytest.approx(shared[:, 0].std(ddof=1) / 14**0.5, rel=0.02)
    assert lead(apart)[0].mean.doubt == pytest.approx(0.1 / (14 * 30) ** 0.5, rel=0.4)


def test_homes_that_differ_leave_the_mean_of_a_pool_in_doubt():
    rng = np.random.default_rng(2)
    table = rng.normal(0.0, 0.05, (14, 30)) + rng.normal(0.1, 0.1, 30)
    assert lead(table)[0].mean.doubt == pytest.approx(0.1 / 30**0.5, rel=0.4)


def test_a_homes_own_days_count_as_far_as_homes_differ():
    rng = np.random.default_rng(1)
    noise = rng.normal(0.0, 0.1, (14, 30))
    alike, pool = lead(0.1 + noise)
    assert alike.between < 0.1**2 / 14
    own = alike.of_series(pool[0], "b", "a")
    assert abs(own.gain - alike.mean.gain) < 0.6 * abs(pool[0].lead("b", "a") - alike.mean.gain)
    unlike, pool = lead(0.1 + noise + rng.normal(0.0, 0.2, 30))
    assert unlike.between == pytest.approx(0.04, rel=0.5)
    own = unlike.of_series(pool[0], "b", "a")
    assert own.gain == pytest.approx(pool[0].lead("b", "a"), abs=0.02)
    assert own.doubt == pytest.approx(0.1 / 14**0.5, rel=0.3)
