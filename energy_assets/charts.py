"""How every chart of the project looks: colours, frame, time axes, the line at the origin, edges.

What a chart shows is decided where it is drawn.
"""

import warnings
from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.calendar import utc_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEASURED: Final[str] = "#2f5d8a"
"""Colour of what was measured."""

PREDICTED: Final[str] = "#c8642b"
"""Colour of what is predicted."""

INK: Final[str] = "#3c4043"
"""Colour of text and of the line at the origin."""

DOTS_PER_INCH: Final[int] = 88
"""Pixels of an inch of a figure."""

BANDS: Final = (("q05", "q95", 0.16, "90 % band"), ("q25", "q75", 0.34, "50 % band"))
"""Lower and upper quantile, opacity and name of each band, in the order they are drawn."""


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure on white, never wider than 880 pixels, which is what the UI shows at once.

    Args:
        width: At most 10. [inch, of 88 pixels]
        height: [inch, of 88 pixels]
    """
    from matplotlib.figure import Figure

    return Figure(
        figsize=(min(width, 10), height), dpi=DOTS_PER_INCH, facecolor="white", layout="constrained"
    )


def fill_bands(axes: "Axes", steps: NDArray[np.datetime64], rows: pd.DataFrame) -> None:
    """The bands of a forecast as steps between the edges of its intervals.

    Args:
        axes: Where to.
        steps: Edges of the intervals, see `edges`.
        rows: Columns of the quantiles in `BANDS`, one row per interval.
    """
    for low, high, strength, label in BANDS:
        axes.fill_between(
            steps,
            held(rows[low]),
            held(rows[high]),
            step="post",
            color=PREDICTED,
            alpha=strength,
            linewidth=0,
            label=label,
        )


def panels_over_lines(
    heights: Sequence[float], lines: Sequence[str]
) -> tuple["Figure", list["Axes"]]:
    """A figure of panels above each other on one time axis, and lines of text below them.

    Args:
        heights: Of each panel. [inch]
        lines: Sentences, one a line; long ones are wrapped.
    """
    text = "\n".join(
        part for line in lines for part in wrap(f"• {line}", 150, subsequent_indent="   ")
    )
    below_height = 0.19 * (text.count("\n") + 1) if text else 0.02
    above_height = sum(heights) + 1.4
    figure = new_figure(10, above_height + below_height)
    parts: Any = figure.subfigures(2, 1, height_ratios=[above_height, below_height])
    above, below = parts
    axes: Any = above.subplots(
        len(heights), 1, sharex=True, height_ratios=list(heights), squeeze=False
    )
    below.text(0.012, 1.0, text, va="top", fontsize=9.5, color=INK, parse_math=False)
    return figure, list(axes[:, 0])


def as_png(figure: "Figure") -> bytes:
    """The figure drawn off screen. A letter that the font lacks becomes a box."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    picture = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def headline(figure: "Figure", text: str) -> None:
    """The title of a figure, at its left edge."""
    figure.suptitle(
        text, x=0.012, ha="left", fontsize=16, fontweight="bold", color=INK, parse_math=False
    )


def frame(axes: "Axes") -> None:
    """Grid, spines and ticks of a panel."""
    axes.grid(axis="y", color="#d9dce0", linewidth=0.8)
    axes.grid(axis="x", color="#eceef0", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.0)
    axes.tick_params(colors=INK, labelsize=9)
    axes.ticklabel_format(axis="y", useOffset=False, style="plain")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#9aa0a6")


def mark(axes: "Axes", instant: pd.Timestamp) -> None:
    """A dotted vertical line at an instant."""
    at = axis_time(pd.DatetimeIndex([instant]))[0]
    axes.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (2, 2)))


def legend_above(axes: "Axes", order: list[str], *, height: float = 1.075) -> None:
    """Names of what a panel shows, in this order, in one row above it.

    Args:
        axes: The panel.
        order: Labels; those that the panel does not show are left out.
        height: Where the row is, in heights of the panel.
    """
    handles, labels = axes.get_legend_handles_labels()
    places = [labels.index(name) for name in order if name in labels]
    axes.legend(
        [handles[place] for place in places],
        [labels[place] for place in places],
        loc="lower right",
        bbox_to_anchor=(1.0, height),
        borderaxespad=0.2,
        ncols=len(order),
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
    )


def hour_axis(axes: "Axes", zone: str) -> None:
    """Hours of the local clock every six hours, and the date at midnight."""
    from matplotlib.dates import DateFormatter, HourLocator

    clock = ZoneInfo(zone)
    axes.xaxis.set_major_locator(HourLocator(byhour=(0,), tz=clock))
    axes.xaxis.set_minor_locator(HourLocator(byhour=(6, 12, 18), tz=clock))
    axes.xaxis.set_major_formatter(DateFormatter("00:00\n%a %d %b", tz=clock))
    axes.xaxis.set_minor_formatter(DateFormatter("%H:%M", tz=clock))
    axes.tick_params(axis="x", which="both", labelsize=9, colors=INK, length=4, pad=4)
    axes.set_xlabel(f"Local time, {zone}", color=INK)


def day_axis(axes: "Axes", zone: str, *, every: int) -> None:
    """Dates of the local clock, every few days; a finer line for each midnight."""
    from matplotlib.dates import DateFormatter, DayLocator

    clock = ZoneInfo(zone)
    axes.xaxis.set_major_locator(DayLocator(interval=every, tz=clock))
    axes.xaxis.set_minor_locator(DayLocator(tz=clock))
    axes.xaxis.set_major_formatter(DateFormatter("%a\n%d %b", tz=clock))
    axes.tick_params(axis="x", which="major", labelsize=9, colors=INK, length=5, pad=4)
    axes.tick_params(axis="x", which="minor", colors=INK, length=2)
    axes.set_xlabel(f"Local time, {zone}", color=INK)


def noons(instants: Any, zone: str) -> Any:  # noqa: ANN401 - see axis_time
    """The middle of each local day, for a time axis."""
    days = pd.DatetimeIndex(instants).tz_convert(zone).tz_localize(None).normalize()
    return axis_time(utc_of(pd.DatetimeIndex(days + pd.Timedelta(hours=12)), zone))


def short_name(name: str) -> str:
    """A name from outside that fits into a title."""
    plain = " ".join(name.split())
    return plain if len(plain) <= 32 else f"{plain[:31]}…"


def axis_time(instants: pd.DatetimeIndex) -> Any:  # noqa: ANN401 - what matplotlib takes
    """Instants for a time axis, which counts in UTC and shows local time."""
    return instants.tz_convert("UTC").tz_localize(None).to_numpy()


def edges(starts: pd.DatetimeIndex, minutes: int) -> Any:  # noqa: ANN401 - see axis_time
    """Start of every interval, and the end of the last one."""
    ends = starts + pd.to_timedelta(minutes, unit="min")
    return np.append(axis_time(starts), axis_time(ends)[-1:])


def held(values: pd.Series) -> NDArray[np.float64]:
    """Values with the last one repeated, so that the last step has its width."""
    table = values.to_numpy(np.float64)
    return np.append(table, table[-1:])
