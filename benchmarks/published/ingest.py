"""The published way from a load-profile file to measurement documents, row by row.

Written anew from its description, with its cost and its defects: a clock parsed for every row,
one question that lists every timestamp, duplicates inside a file kept. Only a baseline.
"""

import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

import pandas as pd

BATCH: Final[int] = 500
"""Documents in one insert."""

REQUIRED: Final[tuple[str, ...]] = ("CUSTOMER_REF", "SERIAL", "DATE", "TIME", "OBIS")
"""Columns that say whose reading it is and when."""

VALUES: Final[dict[str, str]] = {
    "avg_import_kw": "AVG._IMPORT_KW (kW)",
    "import_kwh": "IMPORT_KWH (kWh)",
    "avg_export_kw": "AVG._EXPORT_KW (kW)",
    "export_kwh": "EXPORT_KWH (kWh)",
    "avg_import_kva": "AVG._IMPORT_KVA (kVA)",
    "avg_export_kva": "AVG._EXPORT_KVA (kVA)",
    "import_kvarh": "IMPORT_KVARH (kvarh)",
    "export_kvarh": "EXPORT_KVARH (kvarh)",
    "power_factor": "POWER_FACTOR",
    "avg_current": "AVG._CURRENT (V)",
    "avg_voltage": "AVG._VOLTAGE (V)",
}
"""Document field and the column it is read from."""

PHASES: Final[dict[str, dict[str, str]]] = {
    "A": {
        "instCurrent": "PHASE_A_INST._CURRENT (A)",
        "instVoltage": "PHASE_A_INST._VOLTAGE (V)",
        "instPowerFactor": "INST._POWER_FACTOR",
    },
    "B": {
        "instCurrent": "PHASE_B_INST._CURRENT (A)",
        "instVoltage": "PHASE_B_INST._VOLTAGE (V)",
    },
    "C": {
        "instCurrent": "PHASE_C_INST._CURRENT (A)",
        "instVoltage": "PHASE_C_INST._VOLTAGE (V)",
    },
}
"""The same for each phase."""


@dataclass
class StubCollection:
    """Stands for the measurements collection and costs next to nothing.

    The published way is thereby timed without its database, which favours it.

    Attributes:
        stored: What was inserted.
        inserts: How many inserts it took.
    """

    stored: list[dict[str, Any]] = field(default_factory=list)
    inserts: int = 0

    def find(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer the question for existing readings as an empty collection does."""
        if "$in" not in query["timestamp"]:
            raise ValueError(f"the published way asks with $in, not with {query}")
        return []

    def insert_many(self, documents: list[dict[str, Any]]) -> None:
        """Keep the documents."""
        self.stored.extend(documents)
        self.inserts += 1


def published_documents(data: bytes, file_name: str) -> list[dict[str, Any]]:
    """Measurement documents of a file, one per row whose date and time can be read.

    Args:
        data: Content of the file.
        file_name: Its name; the ending says whether it is a spreadsheet.

    Returns:
        Documents in the order of the rows, naive wall-clock timestamps. `INST._POWER_FACTOR`,
        without which the published way refuses a file, is empty where the file lacks it.

    Raises:
        ValueError: A required column is missing, or a serial or reference is no whole number.
    """
    frame = _read(data, file_name)
    values = [*VALUES.values(), *(column for phase in PHASES.values() for column in phase.values())]
    if "INST._POWER_FACTOR" not in frame.columns:
        frame["INST._POWER_FACTOR"] = None
    missing = [name for name in (*REQUIRED, *values) if name not in frame.columns]
    if missing:
        raise ValueError(f"{file_name}: columns {missing} are missing")
    frame["CUSTOMER_REF"] = frame["CUSTOMER_REF"].astype(int)
    frame["SERIAL"] = frame["SERIAL"].astype(int)
    frame["POWER_FACTOR"] = frame["POWER_FACTOR"].clip(-1, 1)
    frame = frame.astype(object).where(frame.notna(), None)
    documents: list[dict[str, Any]] = []
    for _, row in frame.iterrows():
        try:
            timestamp = pd.to_datetime(f"{row['DATE']} {row['TIME']}", format="%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
        documents.append(_document(row, timestamp))
    return documents


def insert_published(
    documents: list[dict[str, Any]], collection: StubCollection, *, batch: int = BATCH
) -> int:
    """Insert the documents whose meter and timestamp are not stored yet.

    Args:
        documents: Of one file; those that occur twice in it are stored twice.
        collection: Where to.
        batch: Documents in one insert.

    Returns:
        How many were inserted.
    """
    question = {
        "metadata.serial": {"$in": [document["metadata"]["serial"] for document in documents]},
        "timestamp": {"$in": [document["timestamp"] for document in documents]},
    }
    known = {
        (found["metadata"]["serial"], found["timestamp"]) for found in collection.find(question)
    }
    fresh = [
        document
        for document in documents
        if (document["metadata"]["serial"], document["timestamp"]) not in known
    ]
    for first in range(0, len(fresh), batch):
        collection.insert_many(fresh[first : first + batch])
    return len(fresh)


def _read(data: bytes, file_name: str) -> pd.DataFrame:
    if PurePosixPath(file_name).suffix.lower() == ".csv":
        return pd.read_csv(io.BytesIO(data))
    return pd.read_excel(io.BytesIO(data), engine="openpyxl")


def _document(row: Any, timestamp: pd.Timestamp) -> dict[str, Any]:  # noqa: ANN401 - a row of mixed cells
    document: dict[str, Any] = {
        "timestamp": timestamp.to_pydatetime(),
        "metadata": {"serial": int(row["SERIAL"]), "obis": row["OBIS"]},
    }
    for name, column in VALUES.items():
        document[name] = _number(row[column])
    document["phases"] = {
        phase: {name: _number(row[column]) for name, column in columns.items()}
        for phase, columns in PHASES.items()
    }
    return document


def _number(value: Any) -> float | None:  # noqa: ANN401 - a cell of a spreadsheet
    return None if pd.isna(value) else float(value)
