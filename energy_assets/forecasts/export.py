"""Forecasts as files for other programs: CSV and Parquet, local time beside UTC."""

from collections.abc import Mapping
from io import BytesIO
from typing import Final, Literal

import pandas as pd

from energy_assets.contracts.columns import QUANTILE_NAMES
from energy_assets.forecasts.flow import SeriesFacts

ExportFormat = Literal["csv", "parquet"]
"""What an export can be."""

EXPORT_COLUMNS: Final[tuple[str, ...]] = (
    "series_key",
    "unit",
    "resolution",
    "issued_at",
    "valid_at",
    "valid_at_local",
    "zone",
    "value",
    "mean",
    *QUANTILE_NAMES,
    "register",
    "temperature_c",
    "basis",
    "weather",
    "model_id",
    "imputed_share",
)
"""Columns of an export. `valid_at` is the start of an interval or local day in UTC, and
`valid_at_local` what the clock of `zone` shows then, with its offset. Add up `mean`, never `value`,
which is the median."""

_UTC: Final = "%Y-%m-%dT%H:%M:%SZ"


def export_frame(rows: pd.DataFrame, facts: Mapping[str, SeriesFacts]) -> pd.DataFrame:
    """Forecast rows as they are exported.

    Args:
        rows: Of any series and issues, columns `FORECAST_COLUMNS`; see `answers`.
        facts: Unit and zone of each series, by key.

    Returns:
        Columns `EXPORT_COLUMNS`, in the order of the rows.
    """
    units, zones = (
        rows["series_key"].map({key: getattr(one, name) for key, one in facts.items()}).astype(str)
        for name in ("unit", "zone")
    )
    local = [
        at.tz_convert(zone).isoformat() for at, zone in zip(rows["valid_at"], zones, strict=True)
    ]
    return rows.assign(unit=units, zone=zones, valid_at_local=local)[list(EXPORT_COLUMNS)]


def export_bytes(frame: pd.DataFrame, form: ExportFormat) -> bytes:
    """An export as the content of a file.

    Args:
        frame: See `export_frame`.
        form: `csv` is UTF-8 with a header, instants as in 2026-03-29T01:00:00Z; `parquet` keeps
            their types.
    """
    file = BytesIO()
    if form == "parquet":
        frame.to_parquet(file, index=False)
    else:
        frame.to_csv(file, index=False, date_format=_UTC, lineterminator="\n")
    return file.getvalue()
