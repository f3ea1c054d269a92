"""Pictures of forecasts of every kind of series."""

import struct

import numpy as np
import pandas as pd
import pytest

from energy_assets.forecasts import chart
from energy_assets_tests.forecasts.drawn_series import facts, forecast, measured

BERLIN = "Europe/Berlin"
ORIGIN = pd.Timestamp("2026-03-01 01:00", tz=BERLIN)


def starts(count, freq="h", start=ORIGIN):
    return pd.date_range(start, periods=count, freq=freq)


@pytest.fixture
def drawn(monkeypatch):
    """A figure instead of its PNG."""
    monkeypatch.setattr(chart, "as_png", lambda figure: figure)
    return chart.forecast_chart


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def panels(figure):
    return figure.subfigs[0].axes


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, label):
    return next(each for each in axes.lines if each.get_label() == label)


def test_a_chart_is_a_png_that_the_ui_shows_at_once():
    width, height = size(
        chart.forecast_chart(
            forecast(starts(336), 2.0), measured(np.ones(672), ORIGIN), facts=facts()
        )
    )

    assert width <= 880
    assert 300 < height < 1000


def test_two_weeks_of_a_meter_say_which_one_what_unit_since_when_and_by_what(drawn):
    # An expected 3 m3 where the median is 2: the title adds up what is expected.
    rows = forecast(starts(336), 2.0, mean=3.0, basis="no_weather", imputed_share=0.25)
    rows["temperature_c"] = 7.0

    figure = drawn(
        rows,
        measured(np.ones(28 * 24), ORIGIN, temperature_c=5.0),
        facts=facts("Water meter house 7", unit="m3"),
        lines=["Mondays use more."],
    )

    consumption, temperature = panels(figure)
    assert figure.get_suptitle() == "Water meter house 7 – 14-day forecast"
    assert consumption.get_ylabel() == "Consumption [m³ per hour]"
    assert consumption.get_title(loc="left") == (
        "1,008 m³ expected from Sun 01 Mar 2026 01:00, by its boosted model without weather; 25% "
        "of the last 14 days missing"
    )
    assert temperature.get_ylabel() == "Outdoor [°C]"
    assert temperature.get_xlabel() == "Local time, Europe/Berlin"
    assert "Mondays use more." in figure.subfigs[1].texts[0].get_text()
    assert legend(consumption) == ["measured", "forecast (median)", "50 % band", "90 % band"]
    # A week is drawn, and each interval as wide as it lasts: one edge more than intervals.
    assert len(line(consumption, "measured").get_xdata()) == 7 * 24 + 1
    assert set(line(consumption, "forecast (median)").get_ydata()) == {2.0}


def test_bands_are_drawn_between_their_own_quantiles(drawn):
    (axes,) = panels(drawn(forecast(starts(336), 2.0), None, facts=facts()))

    edges = {
        band.get_label(): (path.vertices[:, 1].min(), path.vertices[:, 1].max())
        for band in axes.collections
        for path in band.get_paths()
    }
    assert edges["90 % band"] == pytest.approx((1.7, 2.3))
    assert edges["50 % band"] == pytest.approx((1.9, 2.1))


def test_a_day_of_a_customer_leads_its_register_on_from_where_it_stands(drawn):
    rows = forecast(starts(96, "15min"), 0.5, basis="customer", imputed_share=0.1)
    rows["register"] = 1000.0 + 0.6 * np.arange(1, 97)
    past = measured(np.ones(5 * 96), ORIGIN, minutes=15, register=1000.0 + np.arange(-479, 1))

    figure = drawn(rows, past, facts=facts("Customer 900", quantity="Energy"))

    energy, register = panels(figure)
    assert figure.get_suptitle() == "Customer 900 – 24-hour forecast"
    assert energy.get_ylabel() == "Energy [kWh per 15 min]"
    assert energy.get_title(loc="left").endswith("Bi-LSTM of its own; 10% of the last 48 h missing")
    assert len(line(energy, "measured").get_xdata()) == 2 * 96 + 1
    assert register.get_ylabel() == "Register [kWh]"
    before, after = register.lines[:2]
    assert before.get_ydata()[-1] == 1000.0
    assert before.get_xdata()[-1] == ORIGIN.tz_convert("UTC").tz_localize(None)
    assert after.get_ydata()[-1] == pytest.approx(1057.6)


def test_without_a_register_expected_energy_is_added_up_from_the_origin(drawn):
    rows = forecast(starts(24), 1.0, mean=1.5)

    _, total = panels(drawn(rows, measured(np.ones(48), ORIGIN), facts=facts()))

    assert total.get_ylabel() == "Added up [kWh]"
    assert total.lines[0].get_ydata()[-1] == 48.0
    assert total.lines[1].get_ydata()[[0, -1]].tolist() == [48.0, 48.0 + 24 * 1.5]


def test_a_reading_at_or_after_the_origin_is_not_drawn_over_the_forecast(drawn):
    later = measured(np.arange(72), ORIGIN + pd.Timedelta(hours=2))

    energy, _ = panels(drawn(forecast(starts(24), 1.0), later, facts=facts()))

    shown = line(energy, "measured")
    assert shown.get_xdata()[-1] == ORIGIN.tz_convert("UTC").tz_localize(None)
    assert shown.get_ydata()[-1] == 69


def test_a_daily_meter_is_drawn_as_bars_with_whiskers(drawn):
    midnight = pd.Timestamp("2026-03-02", tz=BERLIN)
    rows = pd.concat(
        [
            forecast(starts(14, "D", midnight), 2.0, resolution="daily"),
            forecast(starts(336, "h", midnight), 1.0),
        ]
    )

    figure = drawn(rows, measured(np.ones(29), midnight, minutes=1440), facts=facts())

    (axes,) = panels(figure)
    assert sorted(bar.get_height() for bar in axes.patches) == [1.0] * 28 + [2.0] * 14
    assert axes.get_ylabel() == "Consumption [kWh per day]"
    assert legend(axes) == ["measured", "forecast (median)", "50 % band", "90 % band"]
    assert figure.get_suptitle().endswith("14-day forecast")


def test_a_bar_stands_on_noon_of_its_local_day_also_when_the_clock_changes(drawn):
    midnight = pd.Timestamp("2026-03-28", tz=BERLIN)

    figure = drawn(forecast(starts(3, "D", midnight), 2.0, resolution="daily"), None, facts=facts())

    (axes,) = panels(figure)
    noons = [each.get_segments()[0][0][0] for each in axes.collections[:1]]
    assert noons[0] * 24 % 24 == pytest.approx(11.0)  # noon in Berlin before the change, UTC
    last = axes.collections[0].get_segments()[-1][0][0]
    assert last * 24 % 24 == pytest.approx(10.0)  # and after it


def test_a_net_metered_site_is_drawn_below_zero_with_a_line_at_zero(drawn):
    rows = forecast(starts(336), -2.0, spread=0.5)

    (axes,) = panels(drawn(rows, measured(np.full(200, -1.0), ORIGIN), facts=facts()))

    low, high = axes.get_ylim()
    assert low < -3.5
    assert high > 0
    assert [0.0, 0.0] in [list(each.get_ydata()) for each in axes.lines]
    assert "672 kWh of net export expected" in axes.get_title(loc="left")


def test_consumption_begins_at_zero_also_where_nothing_is_used(drawn):
    (axes,) = panels(drawn(forecast(starts(336), 0.0, spread=0.0), None, facts=facts()))

    assert axes.get_ylim() == (0.0, 1.0)


def test_a_forecast_from_before_means_were_learned_adds_up_its_medians(drawn):
    rows = forecast(starts(24), 2.0, mean=np.nan)

    energy, _ = panels(drawn(rows, None, facts=facts()))

    assert energy.get_title(loc="left").startswith("48 kWh expected")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_hours_are_those_of_the_local_clock_when_it_changes(drawn, day, hours):
    from matplotlib.dates import num2date

    midnight = pd.Timestamp(day, tz=BERLIN)

    figure = drawn(forecast(starts(30, "h", midnight), 1.0), None, facts=facts())

    axes = panels(figure)[-1]
    ticks = [pd.Timestamp(num2date(at)) for at in axes.get_xticks()]
    assert (ticks[1] - ticks[0]) / pd.Timedelta(hours=1) == hours


@pytest.mark.parametrize("minutes", [15, 60, 1440])
@pytest.mark.parametrize("values", [[np.nan] * 700, [0.0] * 700, [1e9] * 700, [5.0]])
def test_odd_series_are_drawn_as_well(values, minutes):
    odd = facts("$a_b$ 水表 <x>\n")
    midnight = pd.Timestamp("2026-03-02", tz=BERLIN)
    daily = minutes == 1440
    rows = forecast(
        starts(14, "D" if daily else f"{minutes}min", midnight),
        0.3,
        resolution="daily" if daily else "hourly",
    )

    image = chart.forecast_chart(rows, measured(values, midnight, minutes=minutes), facts=odd)

    assert size(image)[0] <= 880


def test_a_series_without_a_forecast_is_told_to_make_one():
    with pytest.raises(ValueError, match="no forecast of Electricity meter m1 to draw: forecast"):
        chart.forecast_chart(forecast(starts(1), 1.0).iloc[:0], None, facts=facts())
