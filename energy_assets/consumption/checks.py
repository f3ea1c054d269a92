"""Findings about electricity and water meters and their forecasts, for asset checks to report.

How a fault is found is in `outliers`, `flat_lines` and `level_jumps`; here it becomes a sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from energy_assets.consumption.flat_lines import FlatLine, longest_flat_line
from energy_assets.consumption.level_jumps import LevelJump, first_level_jump
from energy_assets.consumption.outliers import Outlier, find_outliers
from energy_assets.contracts.consumption import UNITS
from energy_assets.findings import Finding

RECENT_DAYS: Final[int] = 28
"""How far back from the end of a meter's values most faults are told."""

SHORTEST_HABIT_HOURS: Final[float] = 6
"""Shorter stretches of the same value are no habit worth telling. [h]"""

Frames = Mapping[str, pd.DataFrame]
"""Frames of meters by meter key."""


def evaluate_gaps(
    frames: Frames, *, smallest_share: float = 0.9, longest_gap_hours: float = 48
) -> Finding:
    """Whether the last 28 days of each meter are known, without a long gap.

    Args:
        frames: Frames by meter key.
        smallest_share: Share of the intervals that must be known.
        longest_gap_hours: Longest stretch in a row that may be missing. [h]
    """
    offenders = [
        f"{key}: {fault}"
        for key, frame in frames.items()
        if (fault := _gap_fault(frame, smallest_share, longest_gap_hours))
    ]
    return _finding(frames, offenders, f"miss much of the last {RECENT_DAYS} days")


def evaluate_flat_lines(frames: Frames) -> Finding:
    """Whether each meter's values change as often as they usually do."""
    offenders: list[str] = []
    for key, frame in frames.items():
        flat = longest_flat_line(frame, recent_days=RECENT_DAYS)
        if flat is not None:
            offenders.append(f"{key}: {_flat_sentence(frame, flat)}")
    return _finding(frames, offenders, "reported the same value for unusually long")


def evaluate_outliers(frames: Frames) -> Finding:
    """Whether each meter's last 28 days look like the same hours of its other weeks."""
    offenders: list[str] = []
    for key, frame in frames.items():
        outliers = find_outliers(frame, recent_days=RECENT_DAYS)
        if outliers:
            more = f" and {len(outliers) - 1} more" if len(outliers) > 1 else ""
            offenders.append(f"{key}: {outlier_sentence(frame, outliers[0])}{more}")
    return _finding(frames, offenders, f"have outliers in the last {RECENT_DAYS} days")


def evaluate_jumps(frames: Frames) -> Finding:
    """Whether no meter's weekly level jumped beyond what it ever was."""
    offenders: list[str] = []
    for key, frame in frames.items():
        jump = first_level_jump(frame)
        if jump is not None:
            offenders.append(f"{key}: {_jump_sentence(frame, jump)}")
    return _finding(frames, offenders, "jumped to an implausible level")


def evaluate_freshness(
    last_at: Mapping[str, pd.Timestamp | None], *, now: pd.Timestamp, warn_after: pd.Timedelta
) -> Finding:
    """Whether every meter has reported lately.

    Args:
        last_at: Newest value of each meter by meter key; None for a meter without a value.
        now: Present time.
        warn_after: How old the newest value may be.
    """
    offenders: list[str] = []
    for key, last in last_at.items():
        if last is None or pd.isna(last):
            offenders.append(f"{key}: has no value yet")
        elif last > now + pd.Timedelta(days=1):
            offenders.append(f"{key}: last value {last:%Y-%m-%d %H:%M} UTC is in the future")
        elif now - last > warn_after:
            offenders.append(f"{key}: last value {last:%Y-%m-%d %H:%M} UTC, {_age(now - last)} old")
    late = _age(warn_after)
    return _finding(last_at, offenders, f"have no value of the last {late}")


def outlier_sentence(frame: pd.DataFrame, outlier: Outlier) -> str:
    """Why a value is one, such as `3.1 kWh at 2026-01-03 02:00 local, usual 0.2 to 0.6`."""
    unit = UNITS[frame.attrs["meter_type"]]
    low, high = f"{outlier.usual_low:.3g}", f"{outlier.usual_high:.3g}"
    usual = low if low == high else f"{low} to {high}"
    return f"{outlier.value:.3g} {unit} at {_local(frame, outlier.started_at)}, usual {usual}"


def _flat_sentence(frame: pd.DataFrame, flat: FlatLine) -> str:
    unit = UNITS[frame.attrs["meter_type"]]
    usual = (
        f", usually {flat.usual_hours:.0f} h" if flat.usual_hours >= SHORTEST_HABIT_HOURS else ""
    )
    return (
        f"{flat.value:.3g} {unit} in every interval for {flat.hours:.0f} h from "
        f"{_local(frame, flat.started_at)}{usual}"
    )


def _jump_sentence(frame: pd.DataFrame, jump: LevelJump) -> str:
    unit = UNITS[frame.attrs["meter_type"]]
    factor = max(jump.after / jump.before, jump.before / jump.after)
    why = f"; was {jump.confusion} mistaken?" if jump.confusion else ""
    week = _local(frame, jump.week_at).split()[0]
    return (
        f"{jump.before:.3g} became {jump.after:.3g} {unit} a day in the week of {week}, "
        f"{factor:,.0f} times as {'much' if jump.rose else 'little'}{why}"
    )


def _gap_fault(frame: pd.DataFrame, smallest_share: float, longest_gap_hours: float) -> str:
    if frame.empty:
        return "has no interval"
    minutes = int(frame.attrs["interval_minutes"])
    known = frame["consumption"].notna().to_numpy()
    if not known.any():
        return f"none of {len(known)} intervals is known"
    since = max(0, len(known) - RECENT_DAYS * 1440 // minutes)
    recent = known[since:]
    bounds = np.flatnonzero(np.diff(np.concatenate([[True], recent, [True]]).astype(np.int8)))
    gaps = (bounds[1::2] - bounds[::2]) * minutes / 60
    longest = float(gaps.max()) if len(gaps) else 0.0
    if recent.mean() >= smallest_share and longest <= longest_gap_hours:
        return ""
    place = since + int(bounds[::2][gaps.argmax()])
    reason = frame["reason"].iloc[place] if "reason" in frame else None
    why = f" ({reason})" if isinstance(reason, str) and reason else ""
    start = pd.DatetimeIndex(frame.index)[place]
    return (
        f"{recent.mean():.0%} known; nothing for {longest:.0f} h from {_local(frame, start)}{why}"
    )


def _finding(meters: Mapping[str, object], offenders: Sequence[str], fault: str) -> Finding:
    return Finding(
        passed=not offenders,
        sentence=f"{len(offenders)} of {len(meters)} meters {fault}.",
        offenders=offenders,
    )


def _local(frame: pd.DataFrame, instant: pd.Timestamp) -> str:
    return f"{instant.tz_convert(str(frame.attrs['zone'])):%Y-%m-%d %H:%M} local"


def _age(length: pd.Timedelta) -> str:
    hours = length / pd.Timedelta(hours=1)
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
