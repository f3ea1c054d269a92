"""What the kernel family looks at."""

from dataclasses import replace

import numpy as np
import pytest

from energy_assets.forecasting.kernel.choosing import helpful_covariates
from energy_assets.forecasting.kernel.columns import baseline, day_view, weather_groups
from energy_assets.forecasting.kernel.day_grid import day_grid
from energy_assets.forecasting.kernel.inputs import examples_of, inputs_of
from energy_assets.forecasting.kernel.settings import KernelSettings
from energy_assets.forecasting.past import lags_of, past_of
from energy_assets.forecasting.timeline import timeline_of
from energy_assets.forecasting.weather_path import weather_path
from energy_assets_tests.forecasting.meters import climate, house, meter, rows

DAYS = 60


def view_of(history, *, slot=0, covariates=None, values=None):
    timeline = timeline_of(history)
    values = history.values if values is None else values
    given = {name: past_of(timeline, own).values for name, own in (covariates or {}).items()}
    return timeline, day_view(
        day_grid(timeline, slot=slot), past_of(timeline, values).values, given
    )


@pytest.mark.parametrize("lead", [1, 2, 7, 8, 14])
@pytest.mark.parametrize("slot", [0, 7])
def test_a_day_looks_at_nothing_from_its_origin_on(lead, slot):
    history, weather = house(DAYS, country="US", zone="America/New_York"), climate(DAYS * 24)
    rng = np.random.default_rng(3)
    neighbour = rng.normal(size=DAYS * 24)
    day = 40 + (slot > 0)
    later = history.values.copy()
    timeline, view = view_of(history, slot=slot)
    origin = int(view.grid.position[day, 0])
    later[origin:] = rng.random(len(later) - origin) * 1e3
    other = np.append(neighbour[:origin], rng.normal(size=DAYS * 24 - origin))
    tables = []
    for values, beside in ((history.values, neighbour), (later, other)):
        _, own = view_of(history, slot=slot, covariates={"north": beside}, values=values)
        path = weather_path(timeline, weather)
        inputs = inputs_of(own, timeline, lead=lead, covariates=("north",), path=path)
        tables.append(np.append(inputs.table(np.array([day])), inputs.base[day]))
    assert np.isfinite(tables[0]).mean() > 0.9
    np.testing.assert_array_equal(tables[0], tables[1])


@pytest.mark.parametrize("lead", [1, 3, 8, 14])
def test_the_baseline_is_that_of_the_boosted_family(lead):
    history = house(DAYS)
    timeline, view = view_of(history)
    base = baseline(view.values, lead=lead)
    origin = 35 * 24
    targets = origin + (lead - 1) * 24 + np.arange(24)
    past = past_of(timeline, history.values, typical=np.zeros((2, 24)))
    expected = lags_of(past, rows(history, [origin] * 24, targets)).baseline
    np.testing.assert_allclose(base[35], expected)


def test_what_is_learned_is_what_happened_less_the_baseline_of_days_mostly_known():
    values = np.tile(10.0, DAYS * 24)
    values[50 * 24 : 51 * 24] = 14.0  # day 50 departs by 4
    values[50 * 24 + 3] = np.nan  # one gap is bridged
    values[52 * 24 : 52 * 24 + 12] = np.nan  # half of day 52 is unknown
    timeline, view = view_of(meter(values))
    inputs = inputs_of(view, timeline, lead=1, covariates=(), path=None)
    examples = examples_of(inputs, view.values)
    assert 50 in examples.rows
    assert 52 not in examples.rows
    assert examples.departure[examples.rows.tolist().index(50)] == pytest.approx(4.0)
    far = examples_of(inputs_of(view, timeline, lead=3, covariates=(), path=None), view.values)
    # DayView three days ahead, day 50 belongs to the origin at the start of day 48.
    assert far.departure[far.rows.tolist().index(48)] == pytest.approx(4.0)


def test_a_neighbour_that_leads_by_a_day_helps_and_one_of_noise_does_not():
    rng = np.random.default_rng(5)
    days = 200
    weather = rng.normal(0, 1, days + 1).cumsum() * 0.3 + rng.normal(0, 1, days + 1)
    leads = np.repeat(weather[1:], 24)  # has today what the series has tomorrow
    history = meter(100 * np.exp(0.1 * np.repeat(weather[:-1], 24)))
    timeline = timeline_of(history)
    given = {"north": leads, "noise": rng.normal(size=days * 24)}
    covariates = {name: past_of(timeline, own).values for name, own in given.items()}
    values = past_of(timeline, np.log(history.values)).values
    view = day_view(day_grid(timeline, slot=0), values, covariates)
    kept = helpful_covariates(view, timeline, path=None, settings=KernelSettings())
    assert kept == ("north",)


def test_temperatures_are_those_known_at_the_origin_of_the_day_and_of_the_one_before():
    known = climate(DAYS * 24)
    ahead = np.tile(20.0 + np.arange(14), (len(known.starts), 1))
    known = replace(known, observed=np.full(len(known.starts), 10.0), predicted=ahead)
    timeline, view = view_of(house(DAYS))
    path = weather_path(timeline, known)
    # A day ahead 20 °C are predicted after 10 measured; three days ahead 22 on both days.
    for lead, expected in ((1, (20.0, 10.0)), (2, (21.0, 21.0)), (3, (22.0, 22.0))):
        groups, share = weather_groups(view.grid, path, lead=lead)
        found = [groups[name][30, :24] for name in ("temperature", "temperature_day_before")]
        assert [set(own) for own in found] == [{value} for value in expected]
        assert share[30] == 1.0
    # 20 °C are 2 degrees of cooling above 18 °C, 10 °C are 2 of heating below 12.
    groups, _ = weather_groups(view.grid, path, lead=1)
    assert groups["temperature"][30, [24, 48]].tolist() == [2.0, 0.0]
    assert groups["temperature_day_before"][30, [24, 48]].tolist() == [0.0, 2.0]


def test_days_of_quarters_of_an_hour_are_compared_by_their_hours():
    _, view = view_of(meter(np.arange(10 * 96.0) % 960, minutes=15))
    day = view.origin["newest_day"][5] + view.origin["level"][5]
    # The day before began with value 384; its first hour held 384 to 387.
    assert day[:2].tolist() == [385.5, 389.5]
    assert len(day) == 24
