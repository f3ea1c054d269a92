"""A column that is not what a customer used is never taken for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_assets.intake.errors import HiddenRegisterError, MissingColumnsError, UnknownUnitError
from energy_assets_tests.consumption.files import Waterworks, hours, table, waterworks_at
from energy_assets_tests.intake.exports import World

VALUES = [0.3, 0.1, 0.2] * 8


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Waterworks]:
    works = waterworks_at(str(tmp_path))
    yield works
    works.close()


@pytest.mark.parametrize(
    "header",
    [
        "Price kWh", "Cost per kWh", "Export kWh", "Solar (kWh)", "Generation (kWh)", "Peak kW",
        "Max Demand (kW)", "Erzeugung kWh", "Consumption 10 kWh", "Verbrauch in Tsd. kWh",
        "Consumption (kWh) x1000", "Usage (kWh) (Wh)", "Load (kW) [kWh]", "Energy Wh (kWh)",
        "Register 1.8.0 (kWh)", "kWh Reading (kWh)",
    ],
)  # fmt: skip
def test_a_lone_column_of_something_else_is_no_consumption(works, header):
    with pytest.raises(MissingColumnsError):
        works.take(table(f"DateTime,{header}", *hours(VALUES)), "electricity/a.csv")
    assert works.points().empty


@pytest.mark.parametrize("header", ["Energy (export)", "Consumption (kWh) (received)"])
def test_what_a_customer_exports_is_no_consumption(works, header):
    with pytest.raises((UnknownUnitError, MissingColumnsError)):
        works.take(table(f"DateTime,{header}", *hours(VALUES)), "electricity/a.csv")


@pytest.mark.parametrize("header", ["kWh", "PJME_kWh", "Verbrauch (kWh)", "Consumo kWh", "T1 kWh"])
def test_a_lone_column_with_a_unit_is_the_consumption(works, header):
    works.take(table(f"DateTime,{header}", *hours(VALUES)), "electricity/a.csv")
    assert list(works.values().values())[:3] == [0.3, 0.1, 0.2]


def test_the_export_beside_a_lone_import_is_named_and_left_out(works):
    rows = [f"{row},9" for row in hours(VALUES)]
    report = works.take(table("DateTime,Import (kWh),Export (kWh)", *rows), "electricity/a.csv")
    assert report.ignored_columns == ("Export (kWh)",)
    assert list(works.values().values())[:3] == [0.3, 0.1, 0.2]


@pytest.mark.parametrize("header", ["Zählerstand (kWh)", "Zaehlerstand kWh", "Lectura (kWh)"])
def test_a_meter_reading_by_another_name_is_a_register(works, header):
    values = [12345.6 + i for i in range(24)]
    works.take(table(f"DateTime,{header}", *hours(values)), "electricity/a.csv")
    assert list(works.values("register").values()) == values


@pytest.mark.parametrize("header", ["kWh", "Consumption", "Usage (Wh)", "Value"])
def test_a_consumption_that_never_falls_is_a_register_and_stops_the_file(works, header):
    values = [12345.6 + i // 3 * 0.5 for i in range(200)]
    with pytest.raises(HiddenRegisterError, match=header.split()[0]):
        works.take(table(f"DateTime,{header}", *hours(values)), "electricity/a.csv")
    assert works.points().empty


def test_a_load_that_never_falls_is_a_register_and_stops_the_file(world: World):
    rows = hours([50_000 + i for i in range(60)], "2026-04-01")
    data = table("SERIAL,DATETIME,Usage (kWh)", *(f"1,{row}" for row in rows))
    with pytest.raises(HiddenRegisterError, match="Usage"):
        world.take(data)
    assert world.readings().empty


def test_a_flat_meter_and_one_that_rises_by_day_are_consumption(works):
    values = [0.5] * 100 + [i % 24 for i in range(240)]
    works.take(table("DateTime,kWh", *hours(values)), "electricity/a.csv")
    assert len(works.values()) == 340


@pytest.mark.parametrize("header", ["Unit of Measurement", "Eng Units", "Einheit", "Usage Unit"])
def test_a_column_of_units_by_any_name_is_heeded(works, header):
    rows = [f"{row},Wh" for row in hours(VALUES)]
    works.take(table(f"DateTime,Usage,{header}", *rows), "electricity/a.csv")
    assert list(works.values().values())[:3] == pytest.approx([0.0003, 0.0001, 0.0002])
