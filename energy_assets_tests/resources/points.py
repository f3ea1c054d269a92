"""Points of the series-store tests, and texts that meters may be called."""

from typing import Any

import pandas as pd

from energy_assets.contracts.consumption import ENERGY_CONSUMPTION
from energy_assets_tests.resources.shelf import SIGNALS, frame

HOSTILE_IDS = [
    "", " ", " lead and trail ", "a b,c=d", 'quote " and \' quote', "back\\slash", "ends in \\",
    "ends in \\\\", "line\nbreak", "cr\r\nlf", "tab\t", "%", "%25", "50 %", "\x7f\x01", "#hash",
    '") |> drop(columns: ["a"]) //', "${r.meter_id}", "$", "${", "\\${x}", "' OR 1=1 --",
    '"; DROP MEASUREMENT energy_consumption', "water/../../etc/passwd", "Zähler №7 😀", "\u2028",
    ",", "=", "\\,", "\\ ", "e\u0301", "\u00e9", "null", "true", "1i", "_measurement", "a" * 900,
]  # fmt: skip


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def signals(**columns: list[Any]) -> pd.DataFrame:
    """Rows of SIGNALS; of key columns that are not given, all have the same value."""
    size = len(next(iter(columns.values())))
    same: dict[str, Any] = {
        "site": "s",
        "channel": 1,
        "checked": True,
        "issued_at": instant("2026-01-01"),
        "at": instant("2026-01-02"),
    }
    filled = {name: columns.get(name, [value] * size) for name, value in same.items()}
    return frame(SIGNALS, **filled, **{n: v for n, v in columns.items() if n not in same})


def consumption(ids: list[str], start: str = "2026-03-01", **values: list[Any]) -> pd.DataFrame:
    """One value a meter."""
    size = len(ids)
    columns: dict[str, list[Any]] = {
        "meter_type": ["water"] * size,
        "meter_id": ids,
        "version": [1] * size,
        "timestamp": [instant(start)] * size,
        "consumption": [float(at) for at in range(size)],
        "known_at": [instant("2026-04-01")] * size,
        "file_id": ["a.csv@0"] * size,
    }
    return frame(ENERGY_CONSUMPTION, **{**columns, **values})
