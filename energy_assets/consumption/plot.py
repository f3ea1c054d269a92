"""The picture of a water meter's nights: their smallest flow, and since when it is another."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.charts import (
    INK,
    MEASURED,
    PREDICTED,
    as_png,
    frame,
    headline,
    legend_above,
    panels_over_lines,
    short_name,
)
from energy_assets.consumption.leak_suspicion import LeakJudgement
from energy_assets.consumption.night_flow import night_flows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NIGHTS_SHOWN: Final[int] = 120
"""How many of the last nights are drawn."""


def night_flow_plot(history: pd.DataFrame, judgement: LeakJudgement) -> bytes:
    """Draw the smallest flow of each night of a water meter, and the suspicion if there is one.

    Args:
        history: The water meter's frame.
        judgement: What the nights say.

    Returns:
        A PNG of up to the last 120 nights; without nights, one that says why there are none.
    """
    nights = night_flows(history).iloc[-NIGHTS_SHOWN:]
    figure, (axes,) = panels_over_lines([4.2], judgement.evidence)
    noon = (pd.DatetimeIndex(nights.index) + pd.Timedelta(hours=3)).to_numpy()
    axes.plot(
        noon,
        nights["minimum_m3_per_h"].to_numpy(np.float64) * 1000,
        color=MEASURED,
        linewidth=1.2,
        marker="o",
        markersize=3.5,
        label="smallest hour of the night",
    )
    _suspicion(axes, judgement, noon, zone=str(history.attrs["zone"]))
    axes.set_ylabel("Flow [L/h]", color=INK)
    _from_zero(axes)
    frame(axes)
    _night_axis(axes, str(history.attrs["zone"]))
    if nights.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "No night to show", ha="center", color=INK, transform=axes.transAxes)
    verdict = "leak suspected" if judgement.suspected else "no leak suspected"
    if judgement.night_flow_m3_per_h is None:
        verdict = "not known"
    headline(figure, f"Water meter {short_name(judgement.meter_id)} – night flow, {verdict}")
    return as_png(figure)


def _suspicion(
    axes: "Axes", judgement: LeakJudgement, noon: NDArray[np.datetime64], *, zone: str
) -> None:
    """What was usual, and since when it is otherwise."""
    if judgement.baseline_m3_per_h is not None:
        axes.axhline(
            judgement.baseline_m3_per_h * 1000,
            color=INK,
            linewidth=1.0,
            linestyle=(0, (5, 3)),
            label="usual",
        )
    since = ""
    if judgement.onset_at is not None and len(noon):
        onset = judgement.onset_at.tz_convert(zone).tz_localize(None)
        since = f"leak suspected since {onset:%d %b %Y}"
        first: Any = max(onset, pd.Timestamp(noon[0]))
        axes.axvline(first, color=INK, linewidth=1.2, linestyle=(0, (2, 2)))
        axes.axvspan(first, noon[-1], color=PREDICTED, alpha=0.14, linewidth=0, label=since)
    if len(noon):
        legend_above(axes, ["smallest hour of the night", "usual", since], height=1.02)


def _from_zero(axes: "Axes") -> None:
    """An axis that begins at zero and is never empty."""
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top if top > 0 and np.isfinite(axes.dataLim.y1) and axes.dataLim.y1 > 0 else 1)


def _night_axis(axes: "Axes", zone: str) -> None:
    """Dates of the nights, which are local already."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=9))
    axes.xaxis.set_major_formatter(DateFormatter("%d %b\n%Y"))
    axes.set_xlabel(f"Night, 01:00 to 05:00 local time, {zone}", color=INK)
