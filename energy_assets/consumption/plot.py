"""Pictures of a meter: its forecast with bands and temperature, and the flow of its nights."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

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
    edges,
    fill_bands,
    frame,
    headline,
    held,
    legend_above,
    mark,
    panels_over_lines,
    short_name,
)
from energy_assets.consumption.leak_suspicion import LeakJudgement
from energy_assets.consumption.night_flow import night_flows
from energy_assets.contracts.consumption import UNITS
from energy_assets.forecasts.basis_words import words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAST_DAYS: Final[int] = 7
"""Days of measured values in the picture."""

PAST_DAYS_OF_DAILY: Final[int] = 28
"""Days of measured values in the picture of a daily meter."""

NIGHTS_SHOWN: Final[int] = 120
"""How many of the last nights are drawn."""


def forecast_plot(
    history: pd.DataFrame, forecasts: pd.DataFrame, *, explanation_lines: Sequence[str] = ()
) -> bytes:
    """Draw one meter's forecast.

    Args:
        history: The meter's frame.
        forecasts: Its rows of the forecast table, one issue; other resolutions are left out.
        explanation_lines: Why the forecast is what it is, shown below.

    Returns:
        A PNG in the meter's local time: the last week and what is predicted with the 50 % and 90 %
        bands, and the temperature below where any is known. Daily meters are bars.

    Raises:
        ValueError: There is no forecast to draw.
    """
    daily = int(history.attrs["interval_minutes"]) >= 1440
    rows = forecasts[forecasts["resolution"] == ("daily" if daily else "hourly")]
    if rows.empty:
        rows = forecasts
    if rows.empty:
        raise ValueError("there is no forecast to draw: forecast the meter first.")
    ahead = rows.sort_values("valid_at")
    origin_at = pd.DatetimeIndex(ahead["valid_at"])[0]
    starts = pd.DatetimeIndex(history.index)
    shown = pd.Timedelta(days=PAST_DAYS_OF_DAILY if daily else PAST_DAYS)
    recent = history.loc[(starts >= origin_at - shown) & (starts < origin_at)]
    recent.attrs = history.attrs
    with_weather = bool(
        recent["temperature_c"].notna().any() or ahead["temperature_c"].notna().any()
    )
    figure, panels = panels_over_lines([4.2, 1.1] if with_weather else [4.2], explanation_lines)
    (_daily_panel if daily else _interval_panel)(panels[0], recent, ahead)
    if with_weather:
        _temperature_panel(panels[1], recent, ahead, daily=daily)
    for axes in panels:
        mark(axes, origin_at)
        frame(axes)
    zone = str(history.attrs["zone"])
    _time_axis(panels[-1], zone, every=5 if daily else 2)
    kind = str(history.attrs["meter_type"]).capitalize()
    headline(figure, f"{kind} meter {short_name(str(history.attrs['meter_id']))} – 14-day forecast")
    facts = _facts(ahead, origin_at, unit=_unit(history), zone=zone)
    panels[0].set_title(facts, loc="left", fontsize=10, color=INK, pad=28)
    return as_png(figure)


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


def _interval_panel(axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame) -> None:
    """Consumption per interval as steps: an interval is as wide as it lasts."""
    minutes = int(recent.attrs["interval_minutes"])
    ahead_edges = edges(pd.DatetimeIndex(ahead["valid_at"]), minutes)
    fill_bands(axes, ahead_edges, ahead)
    if len(recent):
        measured_edges = edges(pd.DatetimeIndex(recent.index), minutes)
        measured = held(recent["consumption"])
        axes.step(
            measured_edges,
            measured,
            where="post",
            color=MEASURED,
            linewidth=1.2,
            label="measured",
        )
    axes.step(
        ahead_edges,
        held(ahead["value"]),
        where="post",
        color=PREDICTED,
        linewidth=1.4,
        label="forecast (median)",
    )
    length = "hour" if minutes == 60 else f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    axes.set_ylabel(f"Consumption [{_unit(recent)} per {length}]", color=INK)
    _from_zero(axes)
    legend_above(axes, ["measured", "forecast (median)", "50 % band", "90 % band"], height=1.005)


def _daily_panel(axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame) -> None:
    """Consumption per day as bars; bands are whiskers."""
    zone = str(recent.attrs["zone"])
    past, future = (_noons(index, zone) for index in (recent.index, ahead["valid_at"]))
    width = np.timedelta64(20, "h")
    if len(recent):
        axes.bar(past, recent["consumption"], width=width, color=MEASURED, label="measured")
    axes.bar(
        future, ahead["value"], width=width, color=PREDICTED, alpha=0.55, label="forecast (median)"
    )
    for (low, high, _, label), thickness in zip(BANDS, (1.2, 4.0), strict=True):
        axes.vlines(future, ahead[low], ahead[high], color=INK, linewidth=thickness, label=label)
    axes.set_ylabel(f"Consumption [{_unit(recent)} per day]", color=INK)
    _from_zero(axes)
    legend_above(axes, ["measured", "forecast (median)", "50 % band", "90 % band"], height=1.005)


def _temperature_panel(
    axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame, *, daily: bool
) -> None:
    zone = str(recent.attrs["zone"])
    for index, values, color in (
        (recent.index, recent["temperature_c"], MEASURED),
        (ahead["valid_at"], ahead["temperature_c"], PREDICTED),
    ):
        at = _noons(index, zone) if daily else axis_time(pd.DatetimeIndex(index))
        axes.plot(at, values.to_numpy(np.float64), color=color, linewidth=1.2)
    axes.set_ylabel("Outdoor [°C]", color=INK)


def _from_zero(axes: "Axes") -> None:
    """An axis that begins at zero and is never empty."""
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top if top > 0 and np.isfinite(axes.dataLim.y1) and axes.dataLim.y1 > 0 else 1)


def _time_axis(axes: "Axes", zone: str, *, every: int) -> None:
    """Dates of the local clock, every few days; a finer line for each midnight."""
    from matplotlib.dates import DateFormatter, DayLocator

    clock = ZoneInfo(zone)
    axes.xaxis.set_major_locator(DayLocator(interval=every, tz=clock))
    axes.xaxis.set_minor_locator(DayLocator(tz=clock))
    axes.xaxis.set_major_formatter(DateFormatter("%a\n%d %b", tz=clock))
    axes.tick_params(axis="x", which="major", labelsize=9, colors=INK, length=5, pad=4)
    axes.tick_params(axis="x", which="minor", colors=INK, length=2)
    axes.set_xlabel(f"Local time, {zone}", color=INK)


def _night_axis(axes: "Axes", zone: str) -> None:
    """Dates of the nights, which are local already."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=9))
    axes.xaxis.set_major_formatter(DateFormatter("%d %b\n%Y"))
    axes.set_xlabel(f"Night, 01:00 to 05:00 local time, {zone}", color=INK)


def _facts(ahead: pd.DataFrame, origin_at: pd.Timestamp, *, unit: str, zone: str) -> str:
    """One line: how much, from when, made by what."""
    total = float(ahead["mean"].fillna(ahead["value"]).sum())
    words = f"{total:,.4g} {unit} expected from {origin_at.tz_convert(zone):%a %d %b %Y %H:%M}, by "
    words += words_of([str(basis) for basis in ahead["basis"]])
    missing = float(ahead["imputed_share"].iloc[0])
    return words + (f"; {missing:.0%} of the last 14 days missing" if missing > 0.005 else "")


def _noons(index: Any, zone: str) -> Any:  # noqa: ANN401 - what matplotlib takes
    """The middle of each local day."""
    days = pd.DatetimeIndex(index).tz_convert(zone).tz_localize(None).normalize()
    noon = (days + pd.Timedelta(hours=12)).tz_localize(zone, ambiguous=True, nonexistent="NaT")
    return axis_time(noon)


def _unit(history: pd.DataFrame) -> str:
    """The unit as people write it."""
    return UNITS[history.attrs["meter_type"]].replace("m3", "m³")
