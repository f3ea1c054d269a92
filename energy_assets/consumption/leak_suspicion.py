"""Whether a water meter that never stops flowing may have a leak, since when, and how much.

The words for people are in `leak_evidence`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import utc_of
from energy_assets.consumption.leak_evidence import (
    limits_evidence,
    loss_evidence,
    quiet_evidence,
    rise_evidence,
    unbroken_evidence,
    unknown_evidence,
)
from energy_assets.consumption.night_flow import NEAR_ZERO_M3_PER_H, hourly_flow, night_flows
from energy_assets.contracts.consumption_forecasts import LEAK_SUSPICION
from resources.tables import DTYPES

FEWEST_DAYS: Final[int] = 3
"""A flow that did not stop for fewer days is no suspicion."""

FULL_DAY_HOURS: Final[int] = 20
"""Of a day with fewer known hours it is not said that the flow never stopped. [h]"""

CHANCE: Final[float] = 1e-4
"""Days in a row without a stop are suspicious if the meter's habit makes them rarer than this."""

DAYS_WITHOUT_HABIT: Final[int] = 14
"""A meter that never stopped since its first value must not have stopped for so many days."""

STEADY_SPREAD: Final[float] = 0.15
"""A flow whose nights are this close to their median on average is steady."""

PIPE_SPREAD: Final[float] = 0.1
"""Without a day that it stopped to compare with, a flow must be as steady as this."""

LEAST_LEAK_M3_PER_H: Final[float] = 0.001
"""A loss of less than a litre an hour above what is usual is no suspicion. [m3/h]"""

SELDOM_STOPS: Final[float] = 0.5
"""A meter that stops on more than this share of days is judged by its stops alone."""

LEAST_RISE: Final[float] = 1.5
"""The night flow of a meter that seldom stops must rise to this many times what it was."""

LEAST_RISE_M3_PER_H: Final[float] = 0.003
"""And by at least three litres an hour. [m3/h]"""

CLEAR_RISE: Final[float] = 6.0
"""And by this many standard errors of its median."""

RISEN_NIGHTS: Final[int] = 5
"""And for at least this many nights, after at least 14 to compare them with."""


@dataclass(frozen=True, kw_only=True)
class LeakJudgement:
    """What the nights of a water meter say about a leak.

    Attributes:
        meter_id: Which water meter.
        suspected: Whether a steady flow began that does not stop.
        night_flow_m3_per_h: Smallest hourly flow of the nights looked at; None if none is known.
        baseline_m3_per_h: Usual smallest flow of a night before; None if not known.
        onset_at: End of the last hour without the flow, UTC; None without a suspicion.
        nights: For how many known nights it has lasted.
        leak_m3_per_h: Estimated loss, the median of these nights above the baseline.
        lost_m3: That loss from the onset to the last value; None without a suspicion.
        evidence: Sentences for people, limits included.
    """

    meter_id: str
    suspected: bool
    night_flow_m3_per_h: float | None = None
    baseline_m3_per_h: float | None = None
    onset_at: pd.Timestamp | None = None
    nights: int = 0
    leak_m3_per_h: float | None = None
    lost_m3: float | None = None
    evidence: Sequence[str] = ()


def judge_leak(frame: pd.DataFrame) -> LeakJudgement:
    """What the nights of a water meter say about a leak.

    A home stops using water for at least an hour of nearly every day. A leak is suspected when the
    flow has not stopped for at least three days in a row, and so many that the chance is below 1
    in 10,000 if the meter's days come in any order. A meter that never stopped since its first
    value is suspected after 14 such days, and only if the nights hardly vary: those of many users
    together, as in a block of flats, do. Of a meter that seldom stops the night flow must have
    risen, clearly and to 1.5 times what it was.

    Args:
        frame: A water meter's frame.

    Returns:
        The judgement as of the last value. Hourly values cannot tell a steady leak from a cistern
        that refills several times an hour or from a permanent use that began lately; a cistern
        that refills less often, or irrigation at fixed hours, is not suspected and is named.
    """
    meter_id = str(frame.attrs["meter_id"])
    nights = night_flows(frame)
    minima = nights["minimum_m3_per_h"].dropna()
    if minima.empty:
        words = unknown_evidence(int(frame.attrs["interval_minutes"]))
        return LeakJudgement(meter_id=meter_id, suspected=False, evidence=(words,))
    flow = hourly_flow(frame).dropna()
    suspicion = _unbroken_flow(frame, nights, flow) or _risen_flow(frame, nights, flow)
    if suspicion is not None:
        return suspicion
    baseline = float(minima.iloc[-90:].median())
    return LeakJudgement(
        meter_id=meter_id,
        suspected=False,
        night_flow_m3_per_h=float(minima.iloc[-7:].min()),
        baseline_m3_per_h=baseline,
        nights=len(minima.iloc[-7:]),
        evidence=(*quiet_evidence(frame, nights), *limits_evidence(flow)),
    )


def leak_rows(judgements: Sequence[LeakJudgement], *, judged_at: pd.Timestamp) -> pd.DataFrame:
    """Judgements as rows of the leak suspicion table.

    Args:
        judgements: One per water meter.
        judged_at: When they were made.
    """
    rows = pd.DataFrame(
        [
            {
                "meter_type": "water",
                "meter_id": judgement.meter_id,
                "judged_at": judged_at,
                "suspected": judgement.suspected,
                "night_flow_m3_per_h": judgement.night_flow_m3_per_h,
                "evidence": {
                    "sentences": list(judgement.evidence),
                    "baseline_m3_per_h": judgement.baseline_m3_per_h,
                    "onset_at": judgement.onset_at.isoformat() if judgement.onset_at else None,
                    "nights": judgement.nights,
                    "leak_m3_per_h": judgement.leak_m3_per_h,
                    "lost_m3": judgement.lost_m3,
                },
            }
            for judgement in judgements
        ],
        columns=LEAK_SUSPICION.names,
    )
    return rows.astype({column.name: DTYPES[column.kind] for column in LEAK_SUSPICION.columns})


def _unbroken_flow(
    frame: pd.DataFrame, nights: pd.DataFrame, flow: pd.Series
) -> LeakJudgement | None:
    """A suspicion because the flow stopped every day, or nearly, and does not any more."""
    least = nights["least_m3_per_h"].to_numpy(np.float64)
    stopped = least <= NEAR_ZERO_M3_PER_H
    known = nights["minimum_m3_per_h"].notna().to_numpy()
    flowing = ~stopped & known & (nights["day_hours"].to_numpy() >= FULL_DAY_HOURS)
    first = int(np.flatnonzero(stopped)[-1]) + 1 if stopped.any() else 0
    count = int(flowing[first:].sum())
    ran_before, days_before = int(flowing[:first].sum()), int((stopped | flowing)[:first].sum())
    if first and (
        count < FEWEST_DAYS or _chance(days_before - ran_before, ran_before, count) > CHANCE
    ):
        return None
    if not first and count < DAYS_WITHOUT_HABIT:
        return None
    minima = nights["minimum_m3_per_h"].to_numpy(np.float64)
    during = minima[first:][flowing[first:]]
    if not first and _spread(during) > PIPE_SPREAD:
        return None
    before = minima[:first][known[:first]][-90:]
    zero_hours = np.flatnonzero(flow.to_numpy() <= NEAR_ZERO_M3_PER_H)
    ended = int(zero_hours[-1]) + 1 if len(zero_hours) else 0
    onset_at = pd.DatetimeIndex(flow.index)[min(ended, len(flow) - 1)]
    words = unbroken_evidence(
        frame, onset_at, days=count, stops=days_before - ran_before, days_before=days_before
    )
    return _suspicion(frame, flow, onset_at, during=during, before=before, words=words)


def _chance(stops: int, ran_before: int, ran_since: int) -> float:
    """How likely it is that so many days in a row come after the last stop.

    Of all orders of the days, the share in which none of the stops is among the last days: an
    exact permutation test, which knows that few days before say little.
    """
    days = stops + ran_before + ran_since
    return comb(days - ran_since, stops) / comb(days, stops)


def _risen_flow(frame: pd.DataFrame, nights: pd.DataFrame, flow: pd.Series) -> LeakJudgement | None:
    """A suspicion because the night flow of a meter that seldom stops has risen and stayed."""
    known = nights[nights["minimum_m3_per_h"].notna()].iloc[-210:]
    values = known["minimum_m3_per_h"].to_numpy(np.float64)
    stopped = known["least_m3_per_h"].to_numpy(np.float64) <= NEAR_ZERO_M3_PER_H
    if stopped.mean() > SELDOM_STOPS + 0.3:  # no choice of nights can be below it
        return None
    most = min(120, len(values) - 14)
    coarse = [*range(RISEN_NIGHTS, min(14, most) + 1), *range(15, most + 1, 4)]
    near = max(coarse, key=lambda count: _rise(values, count), default=0)
    fine = range(max(near - 3, RISEN_NIGHTS), min(near + 3, most) + 1)
    count = max(fine, key=lambda count: _rise(values, count), default=0)
    if (
        not count
        or _rise(values, count) < CLEAR_RISE
        or stopped[:-count][-90:].mean() > SELDOM_STOPS
    ):
        return None
    during, before = values[-count:], values[:-count][-90:]
    night = pd.DatetimeIndex(known.index)[-count]
    onset_at = utc_of(night, str(frame.attrs["zone"]))
    words = rise_evidence(frame, onset_at, nights=count, nights_before=len(before))
    return _suspicion(frame, flow, onset_at, during=during, before=before, words=words)


def _rise(nights: NDArray[np.float64], count: int) -> float:
    """By how many standard errors the median of the last nights rose; zero for too small a rise."""
    before, after = nights[:-count][-90:], nights[-count:]
    old, new = float(np.median(before)), float(np.median(after))
    stayed = float(np.median(after[-RISEN_NIGHTS:])) >= (old + new) / 2
    least = max(LEAST_RISE * old, old + LEAST_RISE_M3_PER_H)
    if old <= NEAR_ZERO_M3_PER_H or new < least or not stayed:
        return 0.0
    spread = max(1.4826 * float(np.median(np.abs(before - old))), 0.05 * old)
    return (new - old) / (1.2533 * spread * float(np.sqrt(1 / len(before) + 1 / len(after))))


def _spread(values: NDArray[np.float64]) -> float:
    """Mean distance from the median, as a share of it."""
    median = float(np.median(values))
    return float(np.mean(np.abs(values - median))) / median


def _suspicion(
    frame: pd.DataFrame,
    flow: pd.Series,
    onset_at: pd.Timestamp,
    *,
    during: NDArray[np.float64],
    before: NDArray[np.float64],
    words: str,
) -> LeakJudgement | None:
    """The suspicion, unless the loss is next to nothing."""
    baseline = float(np.median(before)) if len(before) else None
    leak = float(np.median(during)) - (baseline or 0.0)
    if leak < LEAST_LEAK_M3_PER_H:
        return None
    hours = (flow.index[-1] - onset_at) / pd.Timedelta(hours=1) + 1
    evidence = (
        words,
        loss_evidence(during, baseline, leak, hours=hours, steady=_spread(during) <= STEADY_SPREAD),
        *limits_evidence(flow),
    )
    return LeakJudgement(
        meter_id=str(frame.attrs["meter_id"]),
        suspected=True,
        night_flow_m3_per_h=float(during.min()),
        baseline_m3_per_h=baseline,
        onset_at=onset_at,
        nights=len(during),
        leak_m3_per_h=leak,
        lost_m3=leak * hours,
        evidence=evidence,
    )
