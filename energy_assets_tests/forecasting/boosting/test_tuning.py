"""The search for tree parameters."""

import pytest

from energy_assets.forecasting.boosting import DEFAULTS, TooFewRowsError, tune
from energy_assets_tests.forecasting.meters import climate, house, in_weather


def test_a_search_begins_with_the_defaults_and_stops_when_time_is_up():
    history = house(15)
    found = tune(history, trials=1, seconds=60, seed=1)
    assert (found.n_estimators, found.max_depth, found.learning_rate) == (100, 6, 0.1)
    assert tune(history, trials=50, seconds=0.0, seed=1) == DEFAULTS["kWh"]
    assert tune(history, trials=0, seconds=60, seed=1) == DEFAULTS["kWh"]


@pytest.mark.slow
def test_a_search_is_the_same_for_the_same_seed_and_never_worse_than_its_start():
    history = in_weather(house(40), climate(40 * 24))
    one = tune(history, trials=4, seconds=600, seed=1)
    assert one == tune(history, trials=4, seconds=600, seed=1)
    assert 100 <= one.n_estimators <= 1000


def test_a_search_needs_as_much_as_a_model():
    with pytest.raises(TooFewRowsError):
        tune(house(14), trials=1, seconds=1)
