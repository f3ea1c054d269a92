"""What a judgement about a leak rests on, in sentences for people."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.consumption.night_flow import (
    NEAR_ZERO_M3_PER_H,
    NIGHT,
    hourly_flow,
    hours_by_day,
)

LOOKED_AT_NIGHTS: Final[int] = 7
"""How many of the last nights a quiet meter's evidence is about."""

LARGE_DRAW_M3: Final[float] = 0.03
"""More than this in an hour of the night is a use on purpose, not a cistern. [m3]"""


def unknown_evidence(interval_minutes: int) -> str:
    """Why nothing can be said."""
    if interval_minutes >= 1440:
        return "Values by the day cannot show the flow at night; send hourly ones."
    if interval_minutes > 120:
        hours = interval_minutes // 60
        return f"Values of {hours} hours cannot show the flow at night; send hourly ones."
    return "No night has three known hours between 01:00 and 05:00, so nothing can be said."


def unbroken_evidence(
    frame: pd.DataFrame, onset_at: pd.Timestamp, *, days: int, stops: int, days_before: int
) -> str:
    """That the flow does not stop, and what was usual."""
    when = f"{onset_at.tz_convert(str(frame.attrs['zone'])):%Y-%m-%d %H:%M} local"
    if not days_before:
        return (
            f"Water has flowed in every known hour of {days} days, since the first value at "
            f"{when}. A permanent use would look the same."
        )
    return (
        f"Water has flowed in every known hour of {days} days, since {when}. Before, it stopped "
        f"on {stops} of {days_before} days."
    )


def rise_evidence(
    frame: pd.DataFrame, onset_at: pd.Timestamp, *, nights: int, nights_before: int
) -> str:
    """That the night flow rose."""
    date = f"{onset_at.tz_convert(str(frame.attrs['zone'])):%Y-%m-%d}"
    return (
        f"The smallest hourly flow of the night rose around {date} and stayed: {nights} nights "
        f"against {nights_before} before. This meter seldom stops, so a new user by night would "
        f"look the same."
    )


def loss_evidence(
    during: NDArray[np.float64],
    baseline: float | None,
    leak: float,
    *,
    hours: float,
    steady: bool,
) -> str:
    """How much flows, and what it adds up to.

    Args:
        during: Smallest flow of each night of the suspicion. [m3/h]
        baseline: What was usual before. [m3/h]
        leak: What is believed to be lost. [m3/h]
        hours: Since the onset. [h]
        steady: Whether the nights are nearly the same.
    """
    usual = "" if baseline is None else f", where {_litres(baseline)} was usual"
    kind = "steady, as from a pipe or valve" if steady else "varying from night to night"
    return (
        f"The smallest flow of a night is {_litres(float(np.median(during)))}{usual}; it is "
        f"{kind}. At {_litres(leak)} about {leak * hours:,.1f} m3 were lost in "
        f"{hours / 24:.0f} days, and {24 * leak:,.2f} m3 are lost a day."
    )


def quiet_evidence(frame: pd.DataFrame, nights: pd.DataFrame) -> list[str]:
    """Why a meter is not suspected, and what else its last nights show."""
    recent = nights.iloc[-LOOKED_AT_NIGHTS:]
    stopped = int((recent["least_m3_per_h"] <= NEAR_ZERO_M3_PER_H).sum())
    known = int(recent["least_m3_per_h"].notna().sum())
    sentences = [f"Water stopped for an hour or more on {stopped} of the last {known} known days."]
    return sentences + _regular_use(frame, nights) + _small_draws(nights)


def limits_evidence(flow: pd.Series) -> list[str]:
    """What this meter cannot show, if its steps are coarse."""
    used = flow.to_numpy(np.float64)
    used = used[used > NEAR_ZERO_M3_PER_H]
    step = float(used.min()) if len(used) else 0.0
    if step < 0.005 or np.any(np.abs(used / step - np.round(used / step)) > 0.01):
        return []
    return [
        f"The meter counts in steps of {step * 1000:.0f} litres: a loss of less than "
        f"{_litres(step)} leaves hours without a count and is not seen."
    ]


def _regular_use(frame: pd.DataFrame, nights: pd.DataFrame) -> list[str]:
    """A use at the same hour of most of the last nights."""
    recent = hourly_flow(frame).iloc[-24 * (LOOKED_AT_NIGHTS + 2) :]
    _, flow = hours_by_day(recent, zone=str(frame.attrs["zone"]))
    hours = flow[-LOOKED_AT_NIGHTS:, NIGHT[0] : NIGHT[1]]
    large = (hours > LARGE_DRAW_M3).sum(axis=0)
    hour = int(large.argmax())
    if large[hour] < 5 or len(nights) < LOOKED_AT_NIGHTS:
        return []
    drawn = hours[:, hour]
    median = float(np.median(drawn[drawn > LARGE_DRAW_M3]))
    return [
        f"About {median * 1000:.0f} litres are used in the hour from {NIGHT[0] + hour:02d}:00 on "
        f"{large[hour]} of the last {LOOKED_AT_NIGHTS} nights, as irrigation or a softener does."
    ]


def _small_draws(nights: pd.DataFrame) -> list[str]:
    """Flow in most hours of the last nights, with stops, where there used to be little."""
    share = nights["active_night_hours"] / nights["night_hours"].where(nights["night_hours"] > 2)
    share = share.dropna()
    if len(share) < LOOKED_AT_NIGHTS + 14:
        return []
    now, before = share.iloc[-LOOKED_AT_NIGHTS:].mean(), share.iloc[:-LOOKED_AT_NIGHTS].median()
    if now < 0.5 or now < before + 0.3:
        return []
    return [
        f"{now:.0%} of the night's hours now have a flow, usually {before:.0%}, with stops "
        f"between: small draws, as of a cistern that refills."
    ]


def _litres(flow_m3_per_h: float) -> str:
    litres = flow_m3_per_h * 1000
    return f"{litres:.0f} L/h" if litres >= 10 else f"{litres:.1f} L/h"
