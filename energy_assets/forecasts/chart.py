"""The picture of one forecast of any series: what was measured before it, and what is expected.

Bands, the line at the origin and colours are those of `charts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.charts import (
    BANDS,
    INK,
    MEASURED,
    PREDICTED,
    as_png,
    axis_time,
    day_axis,
    edges,
    fill_bands,
    frame,
    headline,
    held,
    hour_axis,
    legend_above,
    mark,
    noons,
    panels_over_lines,
)
from energy_assets.forecasts.basis_words import looked_back_on, words_of
from energy_assets.forecasts.flow import Measured, SeriesFacts
from energy_assets.forecasts.stored_forecasts import expected_values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLOSE: Final = pd.Timedelta(days=3)
"""A forecast that is shorter is drawn by the hours of the clock, a longer one by days."""

PAST_DAYS_CLOSE: Final = 2
"""Days before the origin in the picture of such a short forecast."""

PAST_DAYS: Final = 7
"""Days before the origin in the picture of a longer one."""

PAST_DAYS_OF_DAILY: Final = 28
"""Days before the origin in the picture of a series of days."""

LABELS: Final = ["measured", "forecast (median)", "50 % band", "90 % band"]
"""What a picture shows, in the order of its legend."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Picture:
    """What is drawn, cut to the time that is shown.

    Attributes:
        past: Measured intervals before the origin: `value`, `temperature_c`, `register`.
        ahead: Forecast rows of one issue and resolution, in time order.
        facts: Name, unit and zone.
        interval_minutes: Length of an interval; 1440 for local days. [min]
    """

    past: pd.DataFrame
    ahead: pd.DataFrame
    facts: SeriesFacts
    interval_minutes: int

    @property
    def origin_at(self) -> pd.Timestamp:
        return pd.DatetimeIndex(self.ahead["valid_at"])[0]

    @property
    def is_daily(self) -> bool:
        return self.interval_minutes >= 1440

    @property
    def is_close(self) -> bool:
        return not self.is_daily and self.reach < CLOSE

    @property
    def reach(self) -> pd.Timedelta:
        """How far ahead the forecast reaches; local days count as days."""
        return len(self.ahead) * pd.Timedelta(minutes=self.interval_minutes)

    def is_shown(self, starts: pd.Index) -> NDArray[np.bool_]:
        """Which measured intervals are in the picture."""
        days = PAST_DAYS_OF_DAILY if self.is_daily else PAST_DAYS
        since = self.origin_at - pd.Timedelta(days=PAST_DAYS_CLOSE if self.is_close else days)
        return np.asarray((starts >= since) & (starts < self.origin_at), dtype=np.bool_)

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return self.facts.unit.replace("m3", "m³")


def forecast_chart(
    rows: pd.DataFrame,
    measured: Measured | None,
    *,
    facts: SeriesFacts,
    lines: Sequence[str] = (),
) -> bytes:
    """Draw one forecast of a series.

    Args:
        rows: Its rows, columns `FORECAST_COLUMNS`, one issue; of several resolutions the finest
            that the series has.
        measured: What is known of the series; what is not before the origin is not drawn.
        facts: Name, unit and zone of the series.
        lines: Why the forecast is what it is, shown below.

    Returns:
        A PNG in local time. Above, the measured past and the median with its 50 % and 90 % bands;
        days are bars. Below, the temperature where any is known; else, of a forecast of a day or
        two, the register that it leads to, or energy added up where no register is known.

    Raises:
        ValueError: There is no forecast to draw.
    """
    picture = _picture(rows, measured, facts)
    temperature = bool(
        picture.past["temperature_c"].notna().any() or picture.ahead["temperature_c"].notna().any()
    )
    heights = [4.2, 1.1] if temperature else [4.0, 1.9] if picture.is_close else [4.2]
    figure, panels = panels_over_lines(heights, lines)
    (_bars if picture.is_daily else _steps)(panels[0], picture)
    if temperature:
        _temperature(panels[1], picture)
    elif picture.is_close:
        _running_total(panels[1], picture)
    for axes in panels:
        mark(axes, picture.origin_at)
        frame(axes)
    if picture.is_close:
        hour_axis(panels[-1], facts.zone)
    else:
        day_axis(panels[-1], facts.zone, every=5 if picture.is_daily else 2)
    headline(figure, f"{facts.name} – {_length(picture)} forecast")
    panels[0].set_title(_sentence(picture), loc="left", fontsize=10, color=INK, pad=28)
    return as_png(figure)


def _picture(rows: pd.DataFrame, measured: Measured | None, facts: SeriesFacts) -> _Picture:
    """What of the rows and of the past is shown."""
    of_days = measured is not None and measured.series.is_daily
    for resolution in ("daily", "hourly") if of_days else ("hourly", "daily"):
        ahead = rows[rows["resolution"] == resolution].sort_values("valid_at")
        if len(ahead):
            minutes = 1440 if resolution == "daily" else _interval_minutes(ahead["valid_at"])
            picture = _Picture(
                past=_past(measured), ahead=ahead, facts=facts, interval_minutes=minutes
            )
            return replace(picture, past=picture.past[picture.is_shown(picture.past.index)])
    raise ValueError(f"there is no forecast of {facts.name} to draw: forecast it first.")


def _interval_minutes(starts: pd.Series) -> int:
    """Length of the intervals with these starts; an hour where there is one only. [min]."""
    step = starts.diff().min()
    return 60 if pd.isna(step) else round(step / pd.Timedelta(minutes=1))


def _past(measured: Measured | None) -> pd.DataFrame:
    columns = ["value", "temperature_c", "register"]
    if measured is None:
        return pd.DataFrame(columns=columns, index=pd.DatetimeIndex([], tz="UTC"), dtype=float)
    values = (measured.series.values, measured.temperature_c, measured.register)
    return pd.DataFrame(dict(zip(columns, values, strict=True)), index=measured.series.starts)


def _steps(axes: "Axes", picture: _Picture) -> None:
    """Values per interval as steps: an interval is as wide as it lasts."""
    minutes, ahead, past = picture.interval_minutes, picture.ahead, picture.past
    ahead_edges = edges(pd.DatetimeIndex(ahead["valid_at"]), minutes)
    fill_bands(axes, ahead_edges, ahead)
    widths = (1.5, 2.0) if picture.is_close else (1.2, 1.4)
    if len(past):
        axes.step(
            edges(pd.DatetimeIndex(past.index), minutes),
            held(past["value"]),
            where="post",
            color=MEASURED,
            linewidth=widths[0],
            label=LABELS[0],
        )
    axes.step(
        ahead_edges,
        held(ahead["value"]),
        where="post",
        color=PREDICTED,
        linewidth=widths[1],
        label=LABELS[1],
    )
    length = "hour" if minutes == 60 else f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    _value_axis(axes, picture, per=length)


def _bars(axes: "Axes", picture: _Picture) -> None:
    """Values per day as bars; bands are whiskers."""
    ahead, past, zone = picture.ahead, picture.past, picture.facts.zone
    future = noons(ahead["valid_at"], zone)
    width = np.timedelta64(20, "h")
    if len(past):
        at = noons(past.index, zone)
        axes.bar(at, past["value"], width=width, color=MEASURED, label=LABELS[0])
    axes.bar(future, ahead["value"], width=width, color=PREDICTED, alpha=0.55, label=LABELS[1])
    for (low, high, _, label), thickness in zip(BANDS, (1.2, 4.0), strict=True):
        axes.vlines(future, ahead[low], ahead[high], color=INK, linewidth=thickness, label=label)
    _value_axis(axes, picture, per="day")


def _value_axis(axes: "Axes", picture: _Picture, *, per: str) -> None:
    """An axis that begins at zero and is never empty; below zero where the series is signed."""
    axes.set_ylabel(f"{picture.facts.quantity} [{picture.unit} per {per}]", color=INK)
    low, high = axes.get_ylim()
    drawn = np.concatenate([picture.past["value"], picture.ahead["q05"], picture.ahead["q95"]])
    known = drawn[np.isfinite(drawn)]
    lowest, highest = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    if lowest < 0:
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set_ylim(low, high if highest > 0 else -0.05 * low)
    else:
        axes.set_ylim(0, high if highest > 0 else 1)
    legend_above(axes, LABELS, height=1.005)


def _temperature(axes: "Axes", picture: _Picture) -> None:
    for index, values, color in (
        (picture.past.index, picture.past["temperature_c"], MEASURED),
        (picture.ahead["valid_at"], picture.ahead["temperature_c"], PREDICTED),
    ):
        zone = picture.facts.zone
        at = noons(index, zone) if picture.is_daily else axis_time(pd.DatetimeIndex(index))
        axes.plot(at, values.to_numpy(np.float64), color=color, linewidth=1.2)
    axes.set_ylabel("Outdoor [°C]", color=INK)


def _running_total(axes: "Axes", picture: _Picture) -> None:
    """The cumulative register, or values added up where no register is known."""
    past, ahead = picture.past, picture.ahead
    if past["register"].notna().any() and ahead["register"].notna().all():
        before = past["register"].to_numpy(np.float64)
        after = ahead["register"].to_numpy(np.float64)
        label = f"Register [{picture.unit}]"
    else:
        before = past["value"].fillna(0.0).to_numpy(np.float64).cumsum()
        total = before[-1] if len(before) else 0.0
        after = np.append(0.0, expected_values(ahead).to_numpy(np.float64).cumsum()) + total
        label = f"Added up [{picture.unit}]"
    interval = pd.Timedelta(minutes=picture.interval_minutes)
    past_ends, ends = (
        pd.DatetimeIndex(starts) + interval for starts in (past.index, ahead["valid_at"])
    )
    if len(after) > len(ahead):
        ends = ends.union([picture.origin_at])
    axes.plot(axis_time(past_ends), before, color=MEASURED, linewidth=1.8)
    axes.plot(axis_time(ends), after, color=PREDICTED, linewidth=1.8, linestyle=(0, (5, 2)))
    axes.set_ylabel(label, color=INK)


def _length(picture: _Picture) -> str:
    """How far ahead the forecast reaches, in words."""
    hours = round(picture.reach / pd.Timedelta(hours=1))
    return f"{hours}-hour" if picture.is_close else f"{hours // 24}-day"


def _sentence(picture: _Picture) -> str:
    """How much is expected, from when, made by what; totals are of means."""
    ahead = picture.ahead
    total = float(expected_values(ahead).sum())
    begins = picture.origin_at.tz_convert(picture.facts.zone)
    flow = " of net export" if total < 0 else ""
    words = f"{abs(total):,.4g} {picture.unit}{flow} expected "
    words += f"from {begins:%a %d %b %Y %H:%M}, by "
    bases = [str(basis) for basis in ahead["basis"]]
    words += words_of(bases)
    missing = float(ahead["imputed_share"].iloc[0])
    past = looked_back_on(bases[0])
    return words + (f"; {missing:.0%} of {past} missing" if missing >= 0.005 else "")
