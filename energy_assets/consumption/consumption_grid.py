"""Stored points of many meters as regular histories, and those as frames for Parquet.

Pure: points, meters and zones come in. Which version of a point counts is decided here.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.consumption.interval_grid import (
    MeterPoints,
    register_on_grid,
    values_on_grid,
)
from energy_assets.consumption.interval_reasons import reasons
from energy_assets.consumption.meter_keys import parsed_meter_key
from energy_assets.consumption.register_grid import SMALLEST_LIMIT, Gap
from energy_assets.contracts.consumption import UNITS, MeterType
from energy_assets.forecasting.series import Series

INDEX_NAME: Final = "start_at"
"""Name of the index of a frame: start of each interval, UTC."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GriddedMeter:
    """One meter without holes in time.

    Attributes:
        history: Consumption of each interval.
        temperature_c: What its files say of the temperature, NaN for nothing. [°C]
        reason: Why each interval has its consumption, see `interval_reasons`.
        gaps: Stretches of a register too long to be shared out, with what was used in each.
    """

    history: Series
    temperature_c: NDArray[np.float64]
    reason: pd.Categorical
    gaps: tuple[Gap, ...] = ()

    @property
    def key(self) -> str:
        """The meter's key."""
        return self.history.key


def meter_histories(
    points: pd.DataFrame,
    meters: pd.DataFrame,
    *,
    zones: Mapping[str, tuple[str, str | None]],
    known_at: pd.Timestamp | None = None,
) -> Iterator[GriddedMeter]:
    """The history of each meter that has points, from its first to its last complete interval.

    Args:
        points: Versions of points, columns of `ENERGY_CONSUMPTION`; `file_id` is not needed. Fast
            in the order of meter, instant and version, right in any order.
        meters: Rows of `CONSUMPTION_METERS`. Whether a meter is a register, and its interval, are
            found from the points where they are not known.
        zones: IANA time zone and country code by meter key.
        known_at: Only versions known by then count; all without it.

    Yields:
        Meters by type and id as the points have them. A meter without a complete interval is left
        out. Of a meter that changed from intervals to a register, or back, only what it is now
        counts.

    Raises:
        KeyError: A meter's zone is not given.
    """
    known: dict[tuple[str, str], Mapping[Hashable, Any]] = {
        (str(row["meter_type"]), str(row["meter_id"])): row for row in meters.to_dict("records")
    }
    for key, found in _newest(points, known_at):
        if key not in zones:
            raise KeyError(f"{key}: no time zone is given for this meter; set its location.")
        gridded = _gridded(key, found, known.get(parsed_meter_key(key), {}), zones[key])
        if gridded is not None:
            yield gridded


@dataclass(frozen=True, kw_only=True)
class _Points:
    """Newest versions of the points of one meter, in time order."""

    at_ms: NDArray[np.int64]
    consumption: NDArray[np.float64]
    register: NDArray[np.float64]
    temperature_c: NDArray[np.float64]


def _newest(points: pd.DataFrame, known_at: pd.Timestamp | None) -> Iterator[tuple[str, _Points]]:
    """The newest version of each point that was known, by meter."""
    if points.empty:
        return
    type_codes, types = pd.factorize(points["meter_type"])
    id_codes, ids = pd.factorize(points["meter_id"])
    meter = type_codes.astype(np.int64) * len(ids) + id_codes
    at_ms = points["timestamp"].to_numpy(dtype="datetime64[ms]").astype(np.int64)
    version = points["version"].to_numpy(dtype=np.int64)
    newest = _last_of_each(meter, at_ms, version, _known(points, known_at))
    meter, at_ms = meter[newest], at_ms[newest]
    consumption, register, temperature_c = (
        points[name].to_numpy(dtype=np.float64)[newest]
        for name in ("consumption", "register", "temperature_c")
    )
    bounds = np.flatnonzero(np.diff(meter, prepend=-1, append=-1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        type_code, id_code = divmod(int(meter[start]), len(ids))
        rows = slice(start, end)
        yield (
            f"{types[type_code]}/{ids[id_code]}",
            _Points(
                at_ms=at_ms[rows],
                consumption=consumption[rows],
                register=register[rows],
                temperature_c=temperature_c[rows],
            ),
        )


def _known(points: pd.DataFrame, known_at: pd.Timestamp | None) -> NDArray[np.int64] | None:
    """Positions of the versions that were known, None for all."""
    if known_at is None:
        return None
    known = (points["known_at"] <= known_at).to_numpy(dtype=np.bool_)
    return None if known.all() else np.flatnonzero(known)


def _last_of_each(
    meter: NDArray[np.int64],
    at_ms: NDArray[np.int64],
    version: NDArray[np.int64],
    among: NDArray[np.int64] | None,
) -> slice | NDArray[np.int64]:
    """Positions of the newest version of each point, by meter and time."""
    if among is not None:
        found = _last_of_each(meter[among], at_ms[among], version[among], None)
        return among[found]
    new_meter, later = np.diff(meter), np.diff(at_ms)
    newer = (later > 0) | ((later == 0) & (np.diff(version) > 0))
    if ((new_meter > 0) | ((new_meter == 0) & newer)).all():
        last = np.append((new_meter != 0) | (later != 0), np.ones(min(len(meter), 1), dtype=bool))
        return slice(None) if last.all() else np.flatnonzero(last)
    order = np.lexsort((version, at_ms, meter))
    last = (np.diff(meter[order]) != 0) | (np.diff(at_ms[order]) != 0)
    return order[np.append(last, True)]


def _gridded(
    key: str,
    points: _Points,
    meter: Mapping[Hashable, Any],
    place: tuple[str, str | None],
) -> GriddedMeter | None:
    """One meter on its grid, None where no interval is complete."""
    zone, country = place
    meter_type, _ = parsed_meter_key(key)
    stated = meter.get("is_register")
    of_register = ~np.isnan(points.register)
    is_register = bool(of_register[-1]) if stated is None or pd.isna(stated) else bool(stated)
    levels = points.register if is_register else points.consumption
    given = ~np.isnan(levels)
    chosen = slice(None) if given.all() else given
    told = MeterPoints(
        at_ms=points.at_ms[chosen],
        values=levels[chosen],
        temperature_c=points.temperature_c[chosen],
    )
    if is_register:
        limit = SMALLEST_LIMIT[meter_type]
        grid = register_on_grid(told, zone=zone, smallest_limit=limit)
    else:
        minutes = meter.get("interval_minutes")
        minutes = None if minutes is None or pd.isna(minutes) else int(minutes)
        grid = values_on_grid(
            told,
            interval_minutes=minutes,
            zone=zone,
            smallest_limit=SMALLEST_LIMIT[meter_type],
            signed=meter_type == "electricity",
        )
    if grid is None:
        return None
    history = Series(
        key=key,
        unit=UNITS[meter_type],
        start_at=pd.Timestamp(int(grid.starts_ms[0]), unit="ms", tz="UTC"),
        interval_minutes=grid.interval_minutes,
        zone=zone,
        country=country,
        values=grid.consumption,
        non_negative=_is_non_negative(meter_type, grid.consumption),
    )
    return GriddedMeter(
        history=history,
        temperature_c=grid.temperature_c,
        reason=reasons(grid.codes),
        gaps=grid.gaps,
    )


def frame_of(gridded: GriddedMeter) -> pd.DataFrame:
    """A gridded meter as a plain frame for Parquet.

    Returns:
        Index: start of each interval, UTC. Columns: `consumption` (kWh or m3), `temperature_c` and
        `reason`. Attributes: `meter_type`, `meter_id`, `interval_minutes`, `zone`, `country`, and
        `gaps`: start and end (ms since 1970) and consumption of each long gap of a register.
    """
    history = gridded.history
    frame = pd.DataFrame(
        {
            "consumption": history.values,
            "temperature_c": gridded.temperature_c,
            "reason": gridded.reason,
        },
        index=history.starts.rename(INDEX_NAME),
    )
    meter_type, meter_id = parsed_meter_key(history.key)
    frame.attrs = {
        "meter_type": meter_type,
        "meter_id": meter_id,
        "interval_minutes": history.interval_minutes,
        "zone": history.zone,
        "country": history.country,
        "gaps": [
            [gap.start_ms, gap.end_ms, None if np.isnan(gap.consumption) else gap.consumption]
            for gap in gridded.gaps
        ],
    }
    return frame


def series_of_frame(frame: pd.DataFrame) -> Series:
    """The history in a frame of `frame_of`, also when it was stored in between.

    Raises:
        KeyError: An attribute or column of such a frame is missing.
    """
    key = f"{frame.attrs['meter_type']}/{frame.attrs['meter_id']}"
    meter_type, _ = parsed_meter_key(key)
    country = frame.attrs["country"]
    values = frame["consumption"].to_numpy(dtype=np.float64)
    return Series(
        key=key,
        unit=UNITS[meter_type],
        start_at=pd.DatetimeIndex(frame.index)[0],
        interval_minutes=int(frame.attrs["interval_minutes"]),
        zone=str(frame.attrs["zone"]),
        country=None if country is None else str(country),
        values=values,
        non_negative=_is_non_negative(meter_type, values),
    )


def _is_non_negative(meter_type: MeterType, values: NDArray[np.float64]) -> bool:
    """Whether a meter never went below zero; electricity does where energy is exported."""
    return meter_type == "water" or not bool((values < 0).any())
