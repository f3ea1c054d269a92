"""Take over the stores of the published systems: one command for each.

python -m energy_assets.migrate --from mongodb://HOST/load_profiles_db --clock standard:+05:30
python -m energy_assets.migrate --from http://HOST:8086 --org O --bucket B --clock utc

The second reads the source's token from SOURCE_TOKEN. Both write to the stores of the settings.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from energy_assets.definitions import default_resources
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.units import UNITS, unit_name
from energy_assets.migrate.balance import Balance
from energy_assets.migrate.published_documents import migrate_documents
from energy_assets.migrate.published_points import migrate_points
from energy_assets.settings import Settings, load_settings
from resources.series_store import open_series_store


def main(arguments: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Migrate as the command line says, print the balance, and return 0 when it is even."""
    parser = argparse.ArgumentParser(prog="python -m energy_assets.migrate", description=__doc__)
    parser.add_argument("--from", dest="source", required=True, help="mongodb://… or http://…")
    parser.add_argument(
        "--clock",
        required=True,
        help="what its times without a zone showed: utc, local:ZONE or standard:+HH:MM",
    )
    parser.add_argument("--known-at", help="since when its values count as known; now without it")
    parser.add_argument("--org", default="", help="InfluxDB organisation of the source")
    parser.add_argument("--bucket", default="", help="InfluxDB bucket of the source")
    given = parser.parse_args(arguments)
    known_at = datetime.fromisoformat(given.known_at) if given.known_at else datetime.now(tz=UTC)
    if known_at.tzinfo is None:
        parser.error("--known-at needs a UTC offset, as in 2026-03-01T00:00:00Z")
    settings = settings or load_settings()
    if _is_target(given.source, given.bucket, settings):
        parser.error("--from is the store of this project: give it a database or bucket of its own")
    balances = _migrated(given, settings, known_at)
    for balance in balances:
        sys.stdout.write(f"{balance}\n")
    return 0 if all(balance.is_even for balance in balances) else 1


def _is_target(source: str, bucket: str, settings: Settings) -> bool:
    """Whether source and target are one database or bucket."""
    mine = (settings.document_store_url(), settings.series_store_url())
    parts = urlsplit(source)
    place = (parts.hostname, parts.port, parts.path.strip("/"))
    for url in mine:
        other = urlsplit(url)
        same = (other.hostname, other.port, other.path.strip("/")) == place
        if same and other.scheme == parts.scheme:
            return not source.startswith("http") or bucket == settings.influxdb_bucket
    return False


def _migrated(
    given: argparse.Namespace, settings: Settings, known_at: datetime
) -> Sequence[Balance]:
    resources = default_resources(settings)
    documents = resources["document_store"].open()
    clock = MeterClock.parse(given.clock)
    if given.source.startswith("mongodb"):
        return migrate_documents(given.source, documents, clock=clock, known_at=known_at)
    options = {
        "token": settings.source_token.get_secret_value(),
        "org": given.org,
        "bucket": given.bucket,
    }
    units = {
        "electricity": UNITS[unit_name(settings.electricity_unit)],
        "water": UNITS[unit_name(settings.water_unit)],
    }
    source = open_series_store(given.source, options=options)
    return [
        migrate_points(
            source,
            resources["series_store"].open(),
            documents,
            clock=clock,
            units=units,  # pyright: ignore[reportArgumentType] - both meter types are there
            known_at=known_at,
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
