import struct

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption import plot
from energy_assets.consumption.leak_suspicion import judge_leak


def meter(values, *, kind="electricity", meter_id="m1", minutes=60, temperature=5.0):
    index = pd.date_range("2026-02-01", periods=len(values), freq=f"{minutes}min", tz="UTC")
    frame = pd.DataFrame(
        {"consumption": np.array(values, float), "temperature_c": temperature, "reason": None},
        index=index,
    )
    frame.attrs.update(
        meter_type=kind, meter_id=meter_id, interval_minutes=minutes, zone="Europe/Berlin"
    )
    return frame


def drawn(monkeypatch):
    """What is drawn instead of its PNG."""
    monkeypatch.setattr(plot, "as_png", lambda figure: figure)


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_the_nights_of_a_leak_are_marked_from_its_onset(monkeypatch):
    drawn(monkeypatch)
    values = np.tile(np.where(np.arange(24) < 6, 0.0, 0.010), 90)
    values[80 * 24 :] += 0.004
    frame = meter(values, kind="water")

    figure = plot.night_flow_plot(frame, judge_leak(frame))

    axes = figure.subfigs[0].axes[0]
    assert figure.get_suptitle() == "Water meter m1 – night flow, leak suspected"
    assert axes.get_ylabel() == "Flow [L/h]"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    # The leak begins with day 81, 2026-04-22, and shows once nothing else flows: the last quiet
    # hour is 05:00 UTC of the day before.
    assert labels == ["smallest hour of the night", "usual", "leak suspected since 21 Apr 2026"]
    night = axes.lines[0].get_ydata()
    assert max(night) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("values", "minutes"), [([0.2] * 40, 1440), ([], 60), ([np.nan] * 999, 60), ([0.0] * 999, 60)]
)
def test_nights_that_cannot_be_judged_are_drawn_with_the_reason(values, minutes):
    frame = meter(values, kind="water", minutes=minutes)

    assert size(plot.night_flow_plot(frame, judge_leak(frame)))[0] <= 1000
