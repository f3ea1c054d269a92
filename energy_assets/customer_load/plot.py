"""The picture of one forecast: the last 48 hours, the next 24 with bands, and the register."""

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from energy_assets.charts import (
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
    new_figure,
)
from energy_assets.customer_load.prediction import expected_total
from energy_assets.forecasts.basis_words import words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAST_HOURS: Final[int] = 48
"""Hours of measured energy in the picture."""


def forecast_plot(
    history_frame: pd.DataFrame,
    predictions_frame: pd.DataFrame,
    *,
    zone: str,
    title: str | None = None,
) -> bytes:
    """Draw one customer's forecast.

    Args:
        history_frame: The customer's feature frame.
        predictions_frame: Rows of the prediction table of one issue.
        zone: IANA zone of the time axis.
        title: Instead of the usual one.

    Returns:
        A PNG: energy per interval with the 50 % and 90 % bands above, the cumulative register
        below. The lower half shows energy since the start where no register is known.

    Raises:
        ValueError: There is no prediction to draw.
    """
    if predictions_frame.empty:
        raise ValueError("there is no prediction to draw: forecast the customer first.")
    ahead = predictions_frame.sort_values("valid_at")
    origin_at = pd.Timestamp(ahead["valid_at"].iloc[0])
    starts = pd.DatetimeIndex(history_frame.index)
    recent = history_frame.loc[
        (starts >= origin_at - pd.to_timedelta(PAST_HOURS, unit="h")) & (starts < origin_at)
    ]
    length = ahead["prediction_timestamp"].iloc[0] - origin_at
    minutes = round(length.total_seconds() / 60)
    figure = new_figure(10, 6.6)
    energy, register = figure.subplots(2, 1, sharex=True, height_ratios=[2.1, 1])
    _energy_panel(energy, recent, ahead, minutes=minutes)
    _register_panel(register, recent, ahead, minutes=minutes)
    for axes in (energy, register):
        mark(axes, origin_at)
        frame(axes)
    _time_axis(register, zone)
    ref = str(ahead["customer_ref"].iloc[0])
    headline(figure, title or f"Customer {ref} – 24-hour energy prediction")
    energy.set_title(_facts(ahead, origin_at, zone), loc="left", fontsize=10, color=INK, pad=10)
    return as_png(figure)


def _energy_panel(axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame, *, minutes: int) -> None:
    """Energy per interval as steps: an interval is as wide as it lasts."""
    ahead_edges = edges(pd.DatetimeIndex(ahead["valid_at"]), minutes)
    fill_bands(axes, ahead_edges, ahead)
    if len(recent):
        axes.step(
            edges(pd.DatetimeIndex(recent.index), minutes),
            held(recent["import_kwh"]),
            where="post",
            color=MEASURED,
            linewidth=1.5,
            label="measured",
        )
    axes.step(
        ahead_edges,
        held(ahead["predicted_usage"]),
        where="post",
        color=PREDICTED,
        linewidth=2.0,
        label="predicted (median)",
    )
    axes.set_ylabel(f"Energy per {minutes} min [kWh]", color=INK)
    axes.set_ylim(bottom=0)
    legend_above(axes, ["measured", "predicted (median)", "50 % band", "90 % band"])


def _register_panel(
    axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame, *, minutes: int
) -> None:
    """The cumulative register, or energy added up where no register is known."""
    interval = pd.to_timedelta(minutes, unit="min")
    known = recent["register_kwh"].notna().any() and ahead["predicted_import_kwh"].notna().all()
    ends = pd.DatetimeIndex(recent.index) + interval
    if known:
        past = recent["register_kwh"].to_numpy(np.float64)
        future = ahead["predicted_import_kwh"].to_numpy(np.float64)
        label = "Import register [kWh]"
    else:
        expected = ahead["mean"].fillna(ahead["predicted_usage"])
        past = recent["import_kwh"].fillna(0.0).to_numpy(np.float64).cumsum()
        future = (past[-1] if len(past) else 0.0) + expected.to_numpy(np.float64).cumsum()
        label = "Energy added up [kWh]"
    if len(past):
        axes.plot(axis_time(ends), past, color=MEASURED, linewidth=1.8)
    axes.plot(
        axis_time(pd.DatetimeIndex(ahead["prediction_timestamp"])),
        future,
        color=PREDICTED,
        linewidth=1.8,
        linestyle=(0, (5, 2)),
    )
    axes.set_ylabel(label, color=INK)


def _time_axis(axes: "Axes", zone: str) -> None:
    """Hours of the local clock every six hours, and the date at midnight."""
    from matplotlib.dates import DateFormatter, HourLocator

    clock = ZoneInfo(zone)
    axes.xaxis.set_major_locator(HourLocator(byhour=(0,), tz=clock))
    axes.xaxis.set_minor_locator(HourLocator(byhour=(6, 12, 18), tz=clock))
    axes.xaxis.set_major_formatter(DateFormatter("00:00\n%a %d %b", tz=clock))
    axes.xaxis.set_minor_formatter(DateFormatter("%H:%M", tz=clock))
    axes.tick_params(axis="x", which="both", labelsize=9, colors=INK, length=4, pad=4)
    axes.set_xlabel(f"Local time, {zone}", color=INK)


def _facts(ahead: pd.DataFrame, origin_at: pd.Timestamp, zone: str) -> str:
    """One line: how much, from when, made by what."""
    total = expected_total(ahead)
    words = f"{total:,.1f} kWh expected from {origin_at.tz_convert(zone):%a %d %b %H:%M}, by "
    words += words_of([str(basis) for basis in ahead["basis"]])
    missing = float(ahead["imputed_share"].iloc[0])
    return words + (f"; {missing:.0%} of the last 48 h were missing" if missing >= 0.005 else "")
