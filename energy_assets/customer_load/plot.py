"""The picture of one forecast: the last 48 hours, the next 24 with bands, and the register."""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAST_HOURS: Final[int] = 48
"""Hours of measured energy in the picture."""

MEASURED: Final[str] = "#2f5d8a"
"""Colour of what was measured."""

FORETOLD: Final[str] = "#c8642b"
"""Colour of what is foretold."""

INK: Final[str] = "#3c4043"
"""Colour of text and of the line at the origin."""

BASIS_WORDS: Final[dict[str, str]] = {
    "customer": "the customer's own model",
    "shared": "the shared model",
    "naive_blend": "a seasonal blend, for lack of history",
}
"""How each basis reads under the title."""


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
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

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
    figure = Figure(figsize=(10, 6.6), dpi=100, facecolor="white", layout="constrained")
    energy, register = figure.subplots(2, 1, sharex=True, height_ratios=[2.1, 1])
    _energy_panel(energy, recent, ahead, minutes=minutes)
    _register_panel(register, recent, ahead, minutes=minutes)
    for axes in (energy, register):
        _finish(axes, _utc(pd.DatetimeIndex([origin_at]))[0])
    _time_axis(register, zone)
    ref = str(ahead["customer_ref"].iloc[0])
    figure.suptitle(
        title or f"Customer {ref} – 24-hour energy prediction",
        x=0.012,
        ha="left",
        fontsize=16,
        fontweight="bold",
        color=INK,
    )
    energy.set_title(_facts(ahead, origin_at, zone), loc="left", fontsize=10, color=INK, pad=10)
    picture = BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def _energy_panel(axes: "Axes", recent: pd.DataFrame, ahead: pd.DataFrame, *, minutes: int) -> None:
    """Energy per interval as steps: an interval is as wide as it lasts."""
    edges = _edges(pd.DatetimeIndex(ahead["valid_at"]), minutes)
    for low, high, strength, label in (
        ("q05", "q95", 0.16, "90 % band"),
        ("q25", "q75", 0.34, "50 % band"),
    ):
        axes.fill_between(
            edges,
            _held(ahead[low]),
            _held(ahead[high]),
            step="post",
            color=FORETOLD,
            alpha=strength,
            linewidth=0,
            label=label,
        )
    if len(recent):
        axes.step(
            _edges(pd.DatetimeIndex(recent.index), minutes),
            _held(recent["import_kwh"]),
            where="post",
            color=MEASURED,
            linewidth=1.5,
            label="measured",
        )
    axes.step(
        edges,
        _held(ahead["predicted_usage"]),
        where="post",
        color=FORETOLD,
        linewidth=2.0,
        label="predicted (median)",
    )
    axes.set_ylabel(f"Energy per {minutes} min [kWh]", color=INK)
    axes.set_ylim(bottom=0)
    handles, labels = axes.get_legend_handles_labels()
    order = [
        labels.index(n)
        for n in ("measured", "predicted (median)", "50 % band", "90 % band")
        if n in labels
    ]
    axes.legend(
        [handles[n] for n in order],
        [labels[n] for n in order],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.075),
        borderaxespad=0.2,
        ncols=4,
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
    )


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
        past = recent["import_kwh"].fillna(0.0).to_numpy(np.float64).cumsum()
        future = (past[-1] if len(past) else 0.0) + ahead["predicted_usage"].to_numpy(
            np.float64
        ).cumsum()
        label = "Energy added up [kWh]"
    if len(past):
        axes.plot(_utc(ends), past, color=MEASURED, linewidth=1.8)
    axes.plot(
        _utc(pd.DatetimeIndex(ahead["prediction_timestamp"])),
        future,
        color=FORETOLD,
        linewidth=1.8,
        linestyle=(0, (5, 2)),
    )
    axes.set_ylabel(label, color=INK)


def _finish(axes: "Axes", origin: Any) -> None:  # noqa: ANN401 - a local datetime
    """Grid, frame, and the line at the origin."""
    axes.axvline(origin, color=INK, linewidth=1.2, linestyle=(0, (2, 2)))
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
    total = float(ahead["predicted_usage"].sum())
    basis = str(ahead["basis"].iloc[0])
    words = f"{total:,.1f} kWh expected from {origin_at.tz_convert(zone):%a %d %b %H:%M}, by "
    words += BASIS_WORDS.get(basis, basis)
    missing = float(ahead["imputed_share"].iloc[0])
    return words + (f"; {missing:.0%} of the last 48 h were missing" if missing >= 0.005 else "")


def _utc(instants: pd.DatetimeIndex) -> Any:  # noqa: ANN401 - what matplotlib takes
    """Instants for the axis, which counts in UTC and shows local time."""
    return instants.tz_convert("UTC").tz_localize(None).to_numpy()


def _edges(starts: pd.DatetimeIndex, minutes: int) -> Any:  # noqa: ANN401 - see _utc
    """Start of every interval, and the end of the last one."""
    ends = starts + pd.to_timedelta(minutes, unit="min")
    return np.append(_utc(starts), _utc(ends)[-1:])


def _held(values: pd.Series | pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Values with the last one repeated, so that the last step has its width."""
    table = values.to_numpy(np.float64)
    return np.append(table, table[-1:])
