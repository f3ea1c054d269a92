"""The simulated service, and clocks that tests wind by hand."""

from collections.abc import Iterator

import pytest

from energy_assets_tests.resources.weather.simulation import WeatherSimulation
from resources.weather.answers import Patience


@pytest.fixture
def service() -> Iterator[WeatherSimulation]:
    simulation = WeatherSimulation()
    yield simulation
    simulation.close()


@pytest.fixture
def waits() -> list[float]:
    """Seconds that were waited between attempts, which nobody really waited."""
    return []


@pytest.fixture
def patience(waits: list[float]) -> Patience:
    return Patience(timeout_s=0.25, total_s=0.4, attempts=3, sleep=waits.append)
