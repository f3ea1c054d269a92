"""Times that mark the end of an interval: on the night of a clock change, and beside a register."""

import pytest

from energy_assets_tests.consumption.files import hours, table, waterworks_at


@pytest.fixture
def waterworks(tmp_path):
    world = waterworks_at(str(tmp_path))
    world.rules = {"label": "end"}
    yield world
    world.close()


def test_ends_that_clocks_show_twice_in_autumn_are_an_hour_after_their_starts(waterworks):
    waterworks.clock = "local:Europe/Berlin"
    # Ends at 22, 23, 0, 1, 2, 3 o'clock UTC: clocks go back from 03:00 to 02:00 at 1 o'clock UTC.
    times = ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]
    rows = [f"2025-10-26 {time},{n}" for n, time in enumerate(times, start=1)]
    waterworks.take(table("DateTime,Consumption (kWh)", *rows), "electricity/a.csv")
    assert waterworks.values() == {
        "2025-10-25 21:00": 1.0,
        "2025-10-25 22:00": 2.0,
        "2025-10-25 23:00": 3.0,
        "2025-10-26 00:00": 4.0,
        "2025-10-26 01:00": 5.0,
        "2025-10-26 02:00": 6.0,
    }


def test_a_register_is_read_at_its_time_whatever_end_the_setting_names(waterworks):
    waterworks.take(table("DateTime,Register (kWh)", *hours([10, 11, 13])), "electricity/a.csv")
    assert waterworks.values("register") == {
        "2026-05-01 00:00": 10.0,
        "2026-05-01 01:00": 11.0,
        "2026-05-01 02:00": 13.0,
    }
