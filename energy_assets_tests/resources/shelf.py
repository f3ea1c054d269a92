"""Tables and rows of the store tests, and a writer that runs in a process of its own."""

import sys
from typing import Final

import pandas as pd

from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, WEATHER
from resources.stores import open_document_store
from resources.tables import DTYPES, Column, Index, Table, TimeSeries

READINGS: Final = Table(
    name="readings",
    columns=(
        Column(name="serial", kind="str", paths=("metadata.serial",)),
        Column(name="at", kind="instant", paths=("timestamp",)),
        Column(name="version", kind="int"),
        Column(name="energy_kwh", kind="float", nullable=True),
        Column(name="current", kind="float", paths=("phases.A.current",), nullable=True),
    ),
    key=("serial", "at", "version"),
    indexes=(Index(columns=("serial", "-at")),),
    time_series=TimeSeries(time_column="at", meta_field="metadata", granularity="minutes"),
)

NOTES: Final = Table(
    name="notes",
    columns=(
        Column(name="name", kind="str", paths=("_id", "name")),
        Column(name="text", kind="str", nullable=True),
        Column(name="score", kind="float", nullable=True),
        Column(name="rank", kind="int", paths=("rankNumber",), nullable=True),
        Column(name="done", kind="bool", nullable=True),
        Column(name="seen_at", kind="instant", paths=("seenAt",), nullable=True),
        Column(name="extra", kind="json", nullable=True),
        Column(name="blob", kind="bytes", nullable=True),
    ),
    key=("name",),
    indexes=(Index(columns=("rank",)),),
)

PAIRS: Final = Table(
    name="pairs",
    columns=(
        Column(name="left", kind="str"),
        Column(name="right", kind="int"),
        Column(name="badge", kind="str", nullable=True),
        Column(name="size", kind="float", nullable=True),
    ),
    key=("left", "right"),
    indexes=(Index(columns=("badge",), unique=True),),
)

TABLES: Final = (READINGS, NOTES, PAIRS)

SIGNALS: Final = Table(
    name="signals",
    columns=(
        Column(name="site", kind="str"),
        Column(name="channel", kind="int"),
        Column(name="checked", kind="bool"),
        Column(name="issued_at", kind="instant", paths=("issuedAt",)),
        Column(name="at", kind="instant"),
        Column(name="value", kind="float", nullable=True),
        Column(name="count", kind="int", paths=("pulses",), nullable=True),
        Column(name="note", kind="str", nullable=True),
        Column(name="done", kind="bool", nullable=True),
        Column(name="seen_at", kind="instant", paths=("seenAt",), nullable=True),
    ),
    key=("site", "channel", "checked", "issued_at", "at"),
    time_series=TimeSeries(time_column="at", meta_field="metadata", granularity="hours"),
)

SERIES: Final = (READINGS, SIGNALS, ENERGY_CONSUMPTION, WEATHER)


def frame(table: Table, **columns: list[object]) -> pd.DataFrame:
    """Columns of a table in its dtypes."""
    return pd.DataFrame(
        {n: pd.Series(v, dtype=DTYPES[table.column(n).kind]) for n, v in columns.items()}
    )


def readings(*, serials: int, slots: int, first: int = 0) -> pd.DataFrame:
    """Readings of meters m0, m1, … every quarter hour, from a slot on, sorted by key."""
    names = [f"m{number}" for number in range(serials) for _ in range(slots)]
    ticks = [first + slot for _ in range(serials) for slot in range(slots)]
    start = pd.Timestamp("2026-03-01", tz="UTC")
    return frame(
        READINGS,
        serial=names,
        at=[start + pd.Timedelta(minutes=15 * tick) for tick in ticks],
        version=[1] * len(names),
        energy_kwh=[tick / 4 for tick in ticks],
        current=[None] * len(names),
    )


def write_readings(url: str, serials: int, slots: int, parts: int) -> None:
    """Insert readings part by part, and say after each how many were new."""
    store = open_document_store(url)
    store.ensure([READINGS])
    for part in range(parts):
        rows = readings(serials=serials, slots=slots, first=part * slots)
        sys.stdout.write(f"{store.insert_new(READINGS, rows)}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    write_readings(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
