"""Named places with weather, calendar and clock, and which meter is at which.

How people write them down is read in `location_files`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from energy_assets.consumption.location_files import (
    LocationFileError,
    RowFault,
    read_locations,
    read_meter_locations,
)
from energy_assets.contracts.consumption import CONSUMPTION_METERS, LOCATIONS
from energy_assets.contracts.validation import validated
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.tables import Filter
from resources.weather_provider import Place

__all__ = [
    "LOCATIONS_FILE",
    "METERS_FILE",
    "Location",
    "LocationFileError",
    "RowFault",
    "default_location",
    "location_of_meters",
    "read_locations",
    "read_meter_locations",
    "store_locations",
    "store_meter_locations",
    "stored_locations",
]

LOCATIONS_FILE: Final = "locations.csv"
"""Name of the table of places, below the prefix of consumption files."""

METERS_FILE: Final = "meters.csv"
"""Name of the table of meters, below the prefix of consumption files."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """A named place.

    Attributes:
        name: Its name in tables.
        latitude: North is positive. [°]
        longitude: East is positive. [°]
        zone: IANA name of its time zone.
        country: ISO 3166 code whose public holidays count; None for none.
    """

    name: str
    latitude: float
    longitude: float
    zone: str
    country: str | None

    @property
    def place(self) -> Place:
        """Where it is on earth."""
        return Place(latitude=self.latitude, longitude=self.longitude)


def default_location(settings: Settings) -> Location:
    """Where meters are that no file places elsewhere."""
    return Location(
        name=settings.location_city,
        latitude=settings.location_lat,
        longitude=settings.location_lon,
        zone=settings.display_zone,
        country=settings.location_country or None,
    )


def store_locations(documents: DocumentStore, frame: pd.DataFrame, *, now: pd.Timestamp) -> None:
    """Keep places; those of the same name are replaced, others stay.

    Args:
        documents: Where to.
        frame: As `read_locations` returns it.
        now: When it was read, UTC.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    if not frame.empty:
        documents.upsert(LOCATIONS, validated(LOCATIONS, frame.assign(updated_at=now)))


def store_meter_locations(
    documents: DocumentStore, frame: pd.DataFrame, *, now: pd.Timestamp
) -> None:
    """Keep where meters are; what else is known of them stays, and so do meters not named here.

    Args:
        documents: Where to.
        frame: As `read_meter_locations` returns it.
        now: When it was read, UTC.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    if not frame.empty:
        documents.upsert(
            CONSUMPTION_METERS,
            frame[["meter_type", "meter_id", "location"]].assign(updated_at=now),
        )


def stored_locations(documents: DocumentStore) -> dict[str, Location]:
    """All places by name.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    rows = documents.read(LOCATIONS, order_by=["name"])
    return {
        name: Location(
            name=name,
            latitude=latitude,
            longitude=longitude,
            zone=zone,
            country=None if pd.isna(country) else country,
        )
        for name, latitude, longitude, zone, country in zip(
            rows["name"],
            rows["latitude"],
            rows["longitude"],
            rows["zone"],
            rows["country"],
            strict=True,
        )
    }


def location_of_meters(
    documents: DocumentStore, keys: Sequence[tuple[str, str]], *, default: Location
) -> Mapping[tuple[str, str], Location]:
    """Where each meter is.

    Args:
        documents: Where from.
        keys: Meter type and meter id of each.
        default: For meters of which no place is known.

    Raises:
        StoreUnavailableError: The store cannot be reached.
    """
    places = stored_locations(documents)
    rows = documents.read(
        CONSUMPTION_METERS,
        [Filter("meter_id", "in", sorted({meter_id for _, meter_id in keys}))],
        columns=["meter_type", "meter_id", "location"],
    )
    named = {
        (meter_type, meter_id): location
        for meter_type, meter_id, location in zip(
            rows["meter_type"], rows["meter_id"], rows["location"], strict=True
        )
        if not pd.isna(location)
    }
    usual = places.get(default.name, default)
    return {key: places.get(named.get(key, ""), usual) for key in keys}
