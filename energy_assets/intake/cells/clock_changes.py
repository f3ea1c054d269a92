"""Wall times that occur twice because clocks went back: which reading came first.

Such rows are held back until the whole file is known, because their order in the file and their
neighbours decide. Everything else about clocks is in `meter_clock`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.intake.cells.clocks import ClockChange, MeterClock, clock_change
from energy_assets.intake.cells.dates import MS_PER_DAY
from energy_assets.intake.quarantine import Refusal

NEIGHBOUR_MS: Final = 3_600_000
"""How near to the repeated hour a reading must be to say on which side the file has data."""

_TEXTS: Final = {"serial": "str", "customer_ref": "str", "obis": "str"}


@dataclass(frozen=True, kw_only=True)
class ResolvedRows:
    """Held-back rows with their instants.

    Attributes:
        frame: Rows in file order, `utc_ms` set.
        refusals: Rows of meters that have more readings than a clock change allows.
    """

    frame: pd.DataFrame
    refusals: list[Refusal]


class RepeatedTimes:
    """Collects what decides about repeated wall times while a file is read."""

    def __init__(self, clock: MeterClock, *, object_key: str, title: str) -> None:
        self._clock = clock
        self._object_key = object_key
        self._title = title
        self._held: list[pd.DataFrame] = []
        self._falling_steps = self._rising_steps = 0
        self._last_wall: dict[str, int] = {}
        self._sides: set[tuple[str, int, str]] = set()

    def hold_back(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Keep the rows whose wall time occurs twice, and return the others."""
        if self._clock.zone is None or frame.empty:
            return frame
        wall = frame["wall_ms"].to_numpy()
        self._note_direction(frame["serial"], wall)
        self._note_neighbours(frame, wall)
        repeated = frame["repeated"].to_numpy()
        if not repeated.any():
            return frame
        texts = {name: dtype for name, dtype in _TEXTS.items() if name in frame}
        self._held.append(frame[repeated].astype(texts))
        return frame[~repeated].reset_index(drop=True)

    def _note_direction(self, serials: pd.Series, wall: NDArray[np.int64]) -> None:
        """Count the steps of each meter's times, whatever rows of others lie in between."""
        codes = serials.cat.codes.to_numpy()
        order = np.argsort(codes, kind="stable")
        walls, starts = wall[order], np.flatnonzero(np.diff(codes[order], prepend=-1))
        steps = np.diff(walls, prepend=0)
        ends = np.append(starts[1:], len(walls)) - 1
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            serial, first = str(serials.iloc[order[start]]), int(walls[start])
            steps[start] = first - self._last_wall.get(serial, first)
            self._last_wall[serial] = int(walls[end])
        self._falling_steps += int((steps < 0).sum())
        self._rising_steps += int((steps > 0).sum())

    def _note_neighbours(self, frame: pd.DataFrame, wall: NDArray[np.int64]) -> None:
        for day in np.unique(wall // MS_PER_DAY).tolist():
            change = self._change(day)
            if change is None or not change.repeats:
                continue
            for side, low, high in (
                ("before", change.wall_start_ms - NEIGHBOUR_MS, change.wall_start_ms),
                ("after", change.wall_end_ms, change.wall_end_ms + NEIGHBOUR_MS),
            ):
                near = (wall >= low) & (wall < high)
                for serial in frame["serial"][near].unique():
                    self._sides.add((str(serial), day, side))

    def _change(self, day: int) -> ClockChange | None:
        return None if self._clock.zone is None else clock_change(self._clock.zone, day)

    def resolved(self) -> ResolvedRows | None:
        """Instants of the rows held back; None when there are none."""
        if not self._held:
            return None
        frame = pd.concat(self._held, ignore_index=True)
        second = np.zeros(len(frame), dtype=np.bool_)
        refusals: list[Refusal] = []
        days = (frame["wall_ms"] // MS_PER_DAY).rename("day")
        for name, group in frame.groupby([frame["serial"], days], sort=False):
            serial, day = cast("tuple[str, int]", name)
            wall = group["wall_ms"].to_numpy()
            times, counts = np.unique(wall, return_counts=True)
            crowded = {int(t): int(n) for t, n in zip(times, counts, strict=True) if n > 2}
            kept = ~np.isin(wall, list(crowded))
            refusals.extend(self._crowded(frame, row, crowded) for row in group.index[~kept])
            second[group.index[kept]] = self._passes(serial, day, wall[kept])
        change_ms = np.array(
            [c.before_ms - c.after_ms if (c := self._change(d)) else 0 for d in days]
        )
        frame["utc_ms"] += np.where(second, change_ms, 0)
        refused = frame["row_number"].isin([refusal.row_number for refusal in refusals])
        return ResolvedRows(frame=frame[~refused].reset_index(drop=True), refusals=refusals)

    def _passes(self, serial: str, day: int, wall: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each row of a meter and day, in file order, is in the second pass."""
        newest_first = self._falling_steps > self._rising_steps
        ordered = wall[::-1] if newest_first else wall
        back = np.flatnonzero(np.diff(ordered) <= 0)
        if len(back) == 1:
            second = np.arange(len(ordered)) > back[0]
        elif len(back) > 1:
            second = pd.Series(ordered).duplicated().to_numpy()
        else:
            before = (serial, day, "before") in self._sides
            after = (serial, day, "after") in self._sides
            second = np.full(len(ordered), after and not before)
        return second[::-1] if newest_first else second

    def _crowded(self, frame: pd.DataFrame, row: int, counts: dict[int, int]) -> Refusal:
        wall_ms = int(frame["wall_ms"].iloc[row])
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=wall_ms)
        text = (
            f"{self._object_key}: meter {frame['serial'].iloc[row]} has {counts[wall_ms]} readings "
            f"for {moment:%H:%M} on {moment:%Y-%m-%d}, where a clock change allows 2. "
            f"Send UTC offsets, or set the meter's `clock`."
        )
        return Refusal(
            row_number=int(frame["row_number"].iloc[row]),
            column=self._title,
            value=f"{moment:%Y-%m-%d %H:%M:%S}",
            reason="too_many_for_clock_change",
            remedy=text,
        )
