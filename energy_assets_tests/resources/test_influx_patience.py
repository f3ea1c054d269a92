"""How long the adapter waits before it asks a busy InfluxDB again."""

from types import SimpleNamespace

import pytest

from energy_assets_tests.resources.shelf import READINGS
from energy_assets_tests.servers.scripted_http import Answer, ScriptedHttp
from resources.errors import StoreUnavailableError
from resources.influx_requests import Patience
from resources.influx_store import InfluxSeriesStore

BUSY = Answer(status=503)
EMPTY = Answer(body=b"\r\n")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between requests, which are noted and not waited."""
    noted: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=noted.append))
    return noted


PATIENT = Patience(first_wait_s=0.5, longest_wait_s=30, attempts=5)


@pytest.mark.parametrize("asked", ["0", "", "soon", "-3", "Wed, 21 Oct 2026 07:28:00 GMT"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_gets_growing_waits_also_where_it_asks_for_none(
    waits: list[float], status: int, asked: str
):
    server = ScriptedHttp([Answer(status=status, headers={"Retry-After": asked} if asked else {})])
    store = InfluxSeriesStore(server.url, token="t", org="o", bucket="b", patience=PATIENT)
    with pytest.raises(StoreUnavailableError, match=f"HTTP {status}"):
        store.read(READINGS)
    store.close()
    server.close()
    # Bounds of .5, 1, 2, 4 seconds, and at least half of each.
    assert len(waits) == 4
    for wait, bound in zip(waits, [0.5, 1, 2, 4], strict=True):
        assert bound / 2 <= wait <= bound


@pytest.mark.parametrize(("asked", "waited"), [("7", 7), ("3600", 30)])
def test_a_server_that_asks_for_a_wait_gets_it_up_to_the_longest(
    waits: list[float], asked: str, waited: float
):
    busy = Answer(status=429, headers={"Retry-After": asked})
    server = ScriptedHttp([busy, EMPTY])
    store = InfluxSeriesStore(server.url, token="t", org="o", bucket="b", patience=PATIENT)
    assert len(store.read(READINGS)) == 0
    store.close()
    server.close()
    assert waits == [waited]


def test_a_short_wait_that_is_asked_for_does_not_cut_a_grown_one(waits: list[float]):
    server = ScriptedHttp([BUSY, BUSY, Answer(status=429, headers={"Retry-After": "1"}), EMPTY])
    store = InfluxSeriesStore(server.url, token="t", org="o", bucket="b", patience=PATIENT)
    assert len(store.read(READINGS)) == 0
    store.close()
    server.close()
    assert waits[2] >= 1
