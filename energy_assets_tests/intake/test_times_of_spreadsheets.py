"""Times of day that a spreadsheet stores as shares of a day, a little off."""

from datetime import timedelta

from energy_assets.intake.readers.workbooks import cell_text


def test_a_meter_time_a_microsecond_before_the_hour_is_the_hour():
    assert cell_text(timedelta(hours=7) - timedelta(microseconds=1)) == "07:00:00"
    assert cell_text(timedelta(hours=24)) == "24:00:00"
