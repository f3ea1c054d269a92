import struct

import numpy as np
import pandas as pd
import pytest

from energy_assets.consumption import plot
from energy_assets.consumption.leak_suspicion import judge_leak
from energy_assets.contracts.forecasts import QUANTILE_NAMES


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


def forecast(start="2026-03-01", *, count=336, freq="h", resolution="hourly", value=2.0):
    frame = pd.DataFrame(
        {
            "resolution": resolution,
            "valid_at": pd.date_range(start, periods=count, freq=freq, tz="UTC"),
            "value": value,
            "mean": value,
            "temperature_c": 7.0,
            "basis": "no_weather",
            "imputed_share": 0.25,
        }
    )
    return frame.assign(**{name: value + n / 10 for n, name in enumerate(QUANTILE_NAMES, -3)})


def drawn(monkeypatch):
    """What is drawn instead of its PNG."""
    monkeypatch.setattr(plot, "as_png", lambda figure: figure)


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_a_forecast_is_a_png_of_at_most_a_thousand_pixels():
    width, height = size(plot.forecast_plot(meter(np.ones(28 * 24)), forecast()))

    assert width <= 1000
    assert 300 < height < 1000


def test_a_forecast_says_which_meter_what_unit_and_since_when(monkeypatch):
    drawn(monkeypatch)
    frame = meter(np.ones(28 * 24), kind="water", meter_id="house 7")

    figure = plot.forecast_plot(frame, forecast(), explanation_lines=["Mondays use more."])

    consumption, temperature = figure.subfigs[0].axes
    assert figure.get_suptitle() == "Water meter house 7 – 14-day forecast"
    assert consumption.get_ylabel() == "Consumption [m³ per hour]"
    assert temperature.get_ylabel() == "Outdoor [°C]"
    assert temperature.get_xlabel() == "Local time, Europe/Berlin"
    # 336 hours of 2 m3; the first at midnight UTC, which is 01:00 in Berlin.
    assert consumption.get_title(loc="left") == (
        "672 m³ expected from Sun 01 Mar 2026 01:00, by its boosted model without weather; 25% of "
        "the last 14 days missing"
    )
    assert "Mondays use more." in figure.subfigs[1].texts[0].get_text()
    measured = next(line for line in consumption.lines if line.get_label() == "measured")
    assert len(measured.get_xdata()) == 7 * 24 + 1


def test_a_daily_meter_is_drawn_as_bars_with_whiskers(monkeypatch):
    drawn(monkeypatch)
    days = forecast("2026-03-01 23:00", count=14, freq="D", resolution="daily")

    figure = plot.forecast_plot(meter(np.ones(29), minutes=1440), pd.concat([days, forecast()]))

    consumption = figure.subfigs[0].axes[0]
    heights = [bar.get_height() for bar in consumption.patches]
    assert sorted(heights) == [1.0] * 28 + [2.0] * 14
    assert consumption.get_ylabel() == "Consumption [kWh per day]"
    labels = [text.get_text() for text in consumption.get_legend().get_texts()]
    assert labels == ["measured", "forecast (median)", "50 % band", "90 % band"]


def test_without_any_temperature_there_is_one_panel(monkeypatch):
    drawn(monkeypatch)
    frame = meter(np.ones(28 * 24), temperature=np.nan)

    figure = plot.forecast_plot(frame, forecast().assign(temperature_c=np.nan))

    assert len(figure.subfigs[0].axes) == 1


@pytest.mark.parametrize("minutes", [60, 1440])
@pytest.mark.parametrize("values", [[], [np.nan] * 700, [0.0] * 700, [1e9] * 700])
def test_odd_meters_are_drawn_as_well(values, minutes):
    frame = meter(values, minutes=minutes, meter_id="$a_b$ 水表 <x>\n" * 20)

    assert size(plot.forecast_plot(frame, forecast(value=0.3)))[0] <= 1000


def test_a_meter_without_a_forecast_is_told_to_make_one():
    with pytest.raises(ValueError, match="forecast the meter first"):
        plot.forecast_plot(meter([1.0]), forecast().iloc[:0])


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
