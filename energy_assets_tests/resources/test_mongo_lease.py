"""One writer of a time series at a time, also when one dies with the lease in its hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from pymongo.collection import Collection

from energy_assets_tests.resources.shelf import READINGS, readings
from resources import mongo_lease, mongo_store
from resources.errors import StoreUnavailableError
from resources.mongo_lease import Lease, LeaseTimeoutError
from resources.mongo_store import MongoDocumentStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(nx_url: str) -> Iterator[Collection[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](nx_url) as client:
        yield client["test"]["leases"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo_lease.time, "sleep", lambda _seconds: None)


def lease(leases: Collection[dict[str, Any]], clock: Clock) -> Lease:
    return Lease(leases, "readings", wait_seconds=0.0, now=clock)


def test_a_second_writer_waits_for_the_first(leases: Collection[dict[str, Any]], clock: Clock):
    first, second = lease(leases, clock), lease(leases, clock)
    first.hold()
    with pytest.raises(LeaseTimeoutError, match="another writer held the lease of readings"):
        second.hold()
    first.release()
    second.hold()
    assert not first.renewed()


def test_a_dead_owner_stops_nobody_after_half_a_minute(
    leases: Collection[dict[str, Any]], clock: Clock
):
    dead, heir = lease(leases, clock), lease(leases, clock)
    dead.hold()
    clock.now = NOON + timedelta(seconds=29)
    with pytest.raises(LeaseTimeoutError):
        heir.hold()
    clock.now = NOON + timedelta(seconds=31)
    heir.hold()
    assert not dead.renewed()
    dead.release()
    assert heir.renewed()


def test_a_renewed_lease_lasts_from_its_renewal(leases: Collection[dict[str, Any]], clock: Clock):
    owner, other = lease(leases, clock), lease(leases, clock)
    owner.hold()
    clock.now = NOON + timedelta(seconds=20)
    owner.hold()
    clock.now = NOON + timedelta(seconds=45)
    with pytest.raises(LeaseTimeoutError):
        other.hold()


def test_an_expired_lease_is_not_renewed_but_taken_anew(
    leases: Collection[dict[str, Any]], clock: Clock
):
    owner = lease(leases, clock)
    owner.hold()
    clock.now = NOON + timedelta(seconds=31)
    assert not owner.renewed()
    owner.hold()
    assert owner.renewed()


def test_a_lease_that_never_gets_free_is_an_outage_of_the_store(
    nx_url: str, leases: Collection[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mongo_store, "LEASE_WAIT_SECONDS", 0.0)
    Lease(leases, "readings", wait_seconds=0.0).hold()
    store = MongoDocumentStore(nx_url)
    store.ensure([READINGS])
    with pytest.raises(StoreUnavailableError, match="another writer held the lease of readings"):
        store.insert_new(READINGS, readings(serials=1, slots=1))
    assert store.count(READINGS) == 0
    store.close()


def test_a_writer_that_lost_its_lease_looks_again_before_it_writes(
    nx_url: str, monkeypatch: pytest.MonkeyPatch
):
    store, rival = MongoDocumentStore(nx_url), MongoDocumentStore(nx_url)
    store.ensure([READINGS])
    rows = readings(serials=1, slots=3)
    renewed = Lease.renewed
    looks: list[bool] = []

    def interrupted(self: Lease) -> bool:
        # Between the look and the write of the first round, a rival stores two of the rows.
        looks.append(True)
        if len(looks) == 2:
            self.release()
            rival.insert_new(READINGS, rows.head(2))
        return renewed(self)

    monkeypatch.setattr(Lease, "renewed", interrupted)
    assert store.insert_new(READINGS, rows) == 1
    assert store.count(READINGS) == 3
    store.close()
    rival.close()
