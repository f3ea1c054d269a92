"""Tables of places and meters as people write them, and where each meter then is."""

import pandas as pd
import pytest

from energy_assets.consumption.locations import (
    Location,
    LocationFileError,
    location_of_meters,
    read_locations,
    read_meter_locations,
    store_locations,
    store_meter_locations,
    stored_locations,
)
from energy_assets.contracts.consumption import CONSUMPTION_METERS, LOCATIONS

NOW = pd.Timestamp("2026-03-01T10:40", tz="UTC")
DEFAULT = Location(name="home", latitude=51.5, longitude=0.0, zone="Europe/London", country="GB")
HEADER = "name,latitude,longitude,zone,country\n"


def test_a_table_of_places_is_read_with_blanks_marks_and_other_orders():
    data = (
        "\ufeffCountry;Zone ; NAME;Longitude;latitude;note\r\n"
        'lv;Europe/Riga;"Rīga; centre";24,1;56,9496;x\r\n'
        "\r\n"
        ";UTC;Null Island;0;0\r\n"
        "AU;Australia/Sydney;Sydney;151.2093;-33.8688;\r\n"
    )
    places, faults = read_locations(data.encode())
    assert faults == []
    assert places.to_dict("list") == {
        "name": ["Rīga; centre", "Null Island", "Sydney"],
        "latitude": [56.9496, 0.0, -33.8688],
        "longitude": [24.1, 0.0, 151.2093],
        "zone": ["Europe/Riga", "UTC", "Australia/Sydney"],
        "country": ["LV", pytest.approx(float("nan"), nan_ok=True), "AU"],
    }


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (",1,2,UTC,", "name", "", "empty"),
        ("a\x07b,1,2,UTC,", "name", "a\x07b", "control characters"),
        ("x,90.01,2,UTC,", "latitude", "90.01", "no number from -90 to 90"),
        ("x,,2,UTC,", "latitude", "", "no number"),
        ("x,nan,2,UTC,", "latitude", "nan", "no number"),
        ("x,57N,2,UTC,", "latitude", "57N", "no number"),
        ("x,1,-181,UTC,", "longitude", "-181", "no number from -180 to 180"),
        ("x,1,2,Riga,", "zone", "Riga", "no time zone"),
        ("x,1,2,../../etc/passwd,", "zone", "../../etc/passwd", "no time zone"),
        ("x,1,2", "zone", "", "no time zone"),
        ("x,1,2,UTC,Latvia", "country", "Latvia", "no holidays"),
        ("good,1,3,UTC,", "name", "good", "earlier row with other values"),
    ],
)
def test_a_bad_place_is_named_and_the_good_ones_count(row, column, value, reason):
    places, faults = read_locations(f"{HEADER}good,1,2,UTC,\n{row}\ngood,1,2,UTC,\n".encode())
    assert places["name"].tolist() == ["good"]
    (fault,) = faults
    assert (fault.row_number, fault.column, fault.value) == (3, column, value)
    assert reason in fault.reason
    assert fault.remedy in str(fault)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no column name, latitude, longitude, zone"),
        (b"name,lat,lon,zone\n", "no column latitude, longitude"),
        (b"PK\x03\x04\xff\xfe", "no UTF-8 text"),
        (b'name,latitude,longitude,zone\n"' + b"x" * 200_000, "line"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(data, words):
    with pytest.raises(LocationFileError, match=words):
        read_locations(data)


def test_a_bad_meter_row_is_named_and_the_good_ones_count():
    data = (
        "meter_type,meter_id,location\n"
        "Electricity,007,Riga\n"
        "water,a/b'\",Riga\n"
        "water,w2,\n"
        "gas,g1,Riga\n"
        "water,,Riga\n"
        "water,w3,Rgia\n"
        "electricity,007,Oslo\n"
        "electricity,007,Riga\n"
    )
    meters, faults = read_meter_locations(data.encode(), locations={"Riga", "Oslo"})
    assert meters["meter_type"].tolist() == ["electricity", "water", "water"]
    assert meters["meter_id"].tolist() == ["007", "a/b'\"", "w2"]
    assert meters["location"].isna().tolist() == [False, False, True]
    assert [(fault.row_number, fault.column) for fault in faults] == [
        (5, "meter_type"),
        (6, "meter_id"),
        (7, "location"),
        (8, "meter_id"),
    ]
    assert "Add it to locations.csv" in faults[2].remedy


def test_a_meter_is_where_the_tables_say_and_else_at_home(document_store):
    document_store.ensure([LOCATIONS, CONSUMPTION_METERS])
    places, _ = read_locations(f"{HEADER}Riga,56.95,24.1,Europe/Riga,LV\nSea,0,0,UTC,\n".encode())
    store_locations(document_store, places, now=NOW)
    store_locations(document_store, places.iloc[:0], now=NOW)
    known_before = pd.DataFrame(
        {
            "meter_type": ["water"],
            "meter_id": ["w1"],
            "interval_minutes": [60],
            "updated_at": [NOW],
        }
    )
    document_store.upsert(CONSUMPTION_METERS, known_before)
    data = b"meter_type,meter_id,location\nwater,w1,Riga\nelectricity,w1,Sea\nwater,w2,\n"
    meters, faults = read_meter_locations(data, locations=set(places["name"]))
    assert faults == []
    store_meter_locations(document_store, meters, now=NOW)
    store_meter_locations(document_store, meters, now=NOW)
    stored = document_store.read(CONSUMPTION_METERS, order_by=["meter_type", "meter_id"])
    assert stored["interval_minutes"].tolist() == [pd.NA, 60, pd.NA]
    keys = [("water", "w1"), ("electricity", "w1"), ("water", "w2"), ("water", "nowhere")]
    found = location_of_meters(document_store, keys, default=DEFAULT)
    assert [found[key].name for key in keys] == ["Riga", "Sea", "home", "home"]
    assert found["electricity", "w1"].country is None
    assert found["water", "w1"] == stored_locations(document_store)["Riga"]
    assert found["water", "w1"].place.latitude == 56.95
