"""Green Button documents (ESPI): what utilities hand out about a customer's meters."""

import csv
import gzip
import io

import pytest

from energy_assets.intake import errors
from energy_assets.intake.readers import espi_feed
from energy_assets.intake.readers.espi import NoIntervalsError
from energy_assets.intake.readers.espi_feed import EntityError
from energy_assets_tests.consumption.files import waterworks_at
from energy_assets_tests.intake.exports import World

START = 1_777_593_600
"""2026-05-01 00:00 UTC."""

BASE = "/espi/1_1/resource/Subscription/9/UsagePoint"


@pytest.fixture
def works(tmp_path):
    works = waterworks_at(str(tmp_path))
    works.clock = "local:America/New_York"
    yield works
    works.close()


def reading_type(uom=72, **facts):
    """A reading type; a fact of None is left out."""
    known = {
        "accumulationBehaviour": 4, "flowDirection": 1, "intervalLength": 3600,
        "powerOfTenMultiplier": 0, "uom": uom, **facts,
    }  # fmt: skip
    inside = "".join(f"<{k}>{v}</{k}>" for k, v in known.items() if v is not None)
    return f"<ReadingType>{inside}</ReadingType>"


def block(*values, start=START, seconds=3600):
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>{seconds}</duration><start>{start + i * seconds}"
        f"</start></timePeriod><value>{value}</value></IntervalReading>"
        for i, value in enumerate(values)
    )
    return f"<IntervalBlock>{readings}</IntervalBlock>"


def entry(content, own="", up="", related=()):
    links = f'<link rel="self" href="{own}"/>' if own else ""
    links += f'<link rel="up" href="{up}"/>' if up else ""
    links += "".join(f'<link rel="related" href="{each}"/>' for each in related)
    return f"<entry>{links}<content>{content}</content></entry>"


def meter(point, kind, *found, reading="1"):
    """The entries of a usage point with one meter reading."""
    own = f"{BASE}/{point}/MeterReading/{reading}"
    link = f"/espi/1_1/resource/ReadingType/{point}-{reading}"
    return [
        entry("<UsagePoint/>", own=f"{BASE}/{point}"),
        entry("<MeterReading/>", own=own, related=[link, f"{own}/IntervalBlock"]),
        entry(kind, own=link),
        *(
            entry(each, own=f"{own}/IntervalBlock/{i}", up=f"{own}/IntervalBlock")
            for i, each in enumerate(found)
        ),
    ]


def feed(*entries):
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:espi="http://naesb.org/espi"><link rel="self" href="{BASE}"/>'
        f"{''.join(entries)}</feed>"
    ).encode()


def take(works, data, name="electricity/home.xml", **options):
    return works.take(data, name=name, **options)


def of_meters(works):
    points = works.points()
    return {
        meter: rows.sort_values("timestamp")["consumption"].tolist()
        for meter, rows in points.groupby("meter_id")
    }


def test_times_are_utc_whatever_clock_is_set(works):
    report = take(works, feed(*meter("4711000", reading_type(), block(1000, 2500, 500))))
    assert works.values() == {
        "2026-05-01 00:00": 1.0, "2026-05-01 01:00": 2.5, "2026-05-01 02:00": 0.5,
    }  # fmt: skip
    assert of_meters(works).keys() == {"home"}
    assert report.rows_in == report.rows_stored == 3


def test_a_gap_at_a_change_of_the_set_clock_is_no_doubt(works):
    change = 1_772_935_200  # 2026-03-08 02:00 UTC, where New York's clock shows no 02:00
    found = [block(1, 1, 1, start=change - 7200), block(2, 2, 2, start=change + 7200)]
    assert take(works, feed(*meter("4711000", reading_type(), *found))).rows_stored == 6


@pytest.mark.parametrize(
    ("kind", "uom", "power", "factor"),
    [
        ("electricity", 72, 6, 1e3),
        ("electricity", 72, -1, 1e-4),
        ("electricity", 38, 3, 1.0),
        ("water", 125, 0, 1.0),
        ("water", 130, 0, 0.00454609),
        ("water", 129, 2, 100 * 0.003785411784),
        ("water", 119, 2, 100 * 0.028316846592),
        ("water", 137, 0, 1e-3),
    ],
)
def test_units_and_powers_of_ten_are_those_of_the_standard(works, kind, uom, power, factor):
    facts = reading_type(uom, powerOfTenMultiplier=power)
    take(works, feed(*meter("1", facts, block(3, 17, 4, 9, 2))), name=f"{kind}/home.xml")
    assert of_meters(works)["home"] == pytest.approx([v * factor for v in (3, 17, 4, 9, 2)])


def test_a_rate_of_quarter_hours_is_a_quarter_of_an_amount(works):
    facts = reading_type(38, intervalLength=900)
    take(works, feed(*meter("1", facts, block(*[400, 800, 1200, 400] * 4, seconds=900))))
    assert of_meters(works)["home"] == pytest.approx([0.1, 0.2, 0.3, 0.1] * 4)


def test_several_usage_points_are_meters_of_their_own(works):
    data = feed(
        *meter("A-100200", reading_type(), block(1000)),
        *meter("B%2F300400", reading_type(powerOfTenMultiplier=3), block(7)),
    )
    take(works, data)
    assert of_meters(works) == {"A-100200": [1.0], "B/300400": [7.0]}


def test_short_ids_of_usage_points_are_told_apart_by_the_name_of_the_file(works):
    for name, value in (("north", 1000), ("south", 5000)):
        points = [*meter("1", reading_type(), block(value)), *meter("2", reading_type(), block(0))]
        take(works, feed(*points), name=f"electricity/{name}.xml")
    assert of_meters(works) == {
        "north/1": [1.0], "north/2": [0.0], "south/1": [5.0], "south/2": [0.0],
    }  # fmt: skip


def test_what_is_received_from_the_customer_is_left_out_by_name(works):
    data = feed(
        *meter("P-100200", reading_type(flowDirection=19), block(9000, 9000), reading="1"),
        *meter("P-100200", reading_type(), block(1000, 2000), reading="2"),
    )
    report = take(works, data)
    assert of_meters(works) == {"home": [1.0, 2.0]}
    assert (report.rows_in, report.left_out) == (2, {"reading of another kind": 2})
    assert any("received" in each for each in report.ignored_columns)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"flowDirection": 19}, "received"),
        ({"flowDirection": 20}, "nothing that a customer used"),
        ({"accumulationBehaviour": 3}, "no amounts"),
        ({"accumulationBehaviour": 1}, "no amounts"),
        ({"dataQualifier": 8}, "no amounts"),
    ],
)
def test_what_is_no_consumption_of_intervals_is_refused(works, facts, why):
    with pytest.raises(NoIntervalsError, match=why):
        take(works, feed(*meter("1", reading_type(**facts), block(1, 2))))
    assert works.points().empty


@pytest.mark.parametrize(("uom", "named"), [(42, "m3"), (73, "uom 73"), (None, "uom missing")])
def test_another_unit_refuses_the_file_and_is_named(works, uom, named):
    with pytest.raises(errors.UnknownUnitError, match=named):
        take(works, feed(*meter("1", reading_type(uom), block(1, 2))))


def test_a_document_of_electricity_and_water_gives_each_flow_its_own(works):
    data = feed(
        *meter("E-100200", reading_type(), block(1000)),
        *meter("W-100200", reading_type(42), block(3)),
    )
    take(works, data)
    take(works, data, name="water/home.xml")
    points = works.points()
    assert dict(zip(points["meter_type"], points["meter_id"], strict=True)) == {
        "electricity": "E-100200", "water": "W-100200",
    }  # fmt: skip


def test_of_quarter_hours_and_their_days_only_the_quarter_hours_are_read(works):
    data = feed(
        *meter("1", reading_type(intervalLength=86400), block(96, seconds=86400), reading="day"),
        *meter("1", reading_type(intervalLength=900), block(*[1000] * 96, seconds=900)),
    )
    report = take(works, data)
    assert of_meters(works)["home"] == [1.0] * 96
    assert report.left_out == {"reading of another kind": 1}


def test_energy_is_read_rather_than_the_power_beside_it(works):
    data = feed(
        *meter("1", reading_type(38, intervalLength=900), block(9, 9, 9, seconds=900), reading="w"),
        *meter("1", reading_type(), block(1000, 3000)),
    )
    take(works, data)
    assert of_meters(works)["home"] == [1.0, 3.0]


def test_delivered_energy_is_read_rather_than_the_net_beside_it(works):
    data = feed(
        *meter("1", reading_type(flowDirection=4), block(10, 20), reading="net"),
        *meter("1", reading_type(), block(1000, 3000)),
    )
    take(works, data)
    assert of_meters(works)["home"] == [1.0, 3.0]


def test_power_at_an_instant_is_the_mean_of_its_interval(works):
    facts = reading_type(38, accumulationBehaviour=12)
    take(works, feed(*meter("1", facts, block(1000, 3000, 500, 2000))))
    assert of_meters(works)["home"] == [1.0, 3.0, 0.5, 2.0]


def test_blocks_of_two_usage_points_may_take_turns(works):
    one = meter("A-100200", reading_type(), block(1000), block("x1", start=START + 3600))
    other = meter("B-100200", reading_type(), block(2000), block(3000, start=START + 3600))
    parts = [*one[:3], *other[:3], one[3], other[3], one[4], other[4]]
    take(works, feed(*parts))
    assert of_meters(works) == {"A-100200": [1.0], "B-100200": [2.0, 3.0]}
    (info,) = works.objects.list("quarantine/")
    (row,) = csv.DictReader(io.StringIO(works.objects.get(info.key).decode()))
    assert (row["METER_ID"], row["QUARANTINE_ROW"]) == ("A-100200", "3")
    assert row["Consumption (Wh)"] == "x1"


def test_the_only_reading_type_holds_for_readings_that_link_none(works):
    parts = meter("1", reading_type(powerOfTenMultiplier=3), block(1, 3))
    parts[1] = entry("<MeterReading/>", own=f"{BASE}/1/MeterReading/1")
    take(works, feed(*parts))
    assert of_meters(works)["home"] == [1.0, 3.0]


def test_two_reading_types_of_one_reading_are_not_guessed(works):
    parts = meter("1", reading_type(), block(1, 3))
    links = [f"/espi/1_1/resource/ReadingType/{each}" for each in ("1-1", "other")]
    parts[1] = entry("<MeterReading/>", own=f"{BASE}/1/MeterReading/1", related=links)
    with pytest.raises(NoIntervalsError, match="without a reading type"):
        take(works, feed(*parts, entry(reading_type(powerOfTenMultiplier=3), own=links[1])))


def test_a_broken_start_in_a_later_block_keeps_its_place(works):
    late = block(2000, 4000, start=START + 7200).replace(f"<start>{START + 10800}", "<start>noon")
    take(works, feed(*meter("1", reading_type(), block(1000, 3000), late)))
    assert of_meters(works)["home"] == [1.0, 3.0, 2.0]
    assert works.reasons() == {4: "unreadable_date"}


def test_reading_types_may_stand_behind_the_blocks(works):
    parts = meter("1", reading_type(powerOfTenMultiplier=3), block(1, 3))
    take(works, feed(parts[3], parts[2], parts[1], parts[0]))
    assert of_meters(works)["home"] == [1.0, 3.0]


def test_parts_without_addresses_belong_together_as_they_stand(works):
    parts = []
    for power in (3, 0):
        kind = reading_type(powerOfTenMultiplier=power)
        parts += ["<UsagePoint/>", "<MeterReading/>", kind, block(power + 1)]
    take(works, feed(*(entry(each) for each in parts)))
    assert sorted(of_meters(works).values()) == [[0.001], [4.0]]
    assert all(name.startswith("home/") for name in of_meters(works))
    bare = f'<d xmlns="http://naesb.org/espi">{"".join(parts)}</d>'.encode()
    take(works, bare, name="electricity/bare.xml")
    assert sorted(v for k, v in of_meters(works).items() if k.startswith("bare/")) == [
        [0.001], [4.0],
    ]  # fmt: skip


def test_prefixes_of_names_mean_nothing(works):
    data = feed(*meter("1", reading_type(), block(1000)))
    for name in ("UsagePoint", "MeterReading", "ReadingType", "IntervalBlock", "IntervalReading"):
        data = data.replace(f"<{name}".encode(), f"<espi:{name}".encode())
        data = data.replace(f"</{name}".encode(), f"</espi:{name}".encode())
    take(works, b"\xef\xbb\xbf\n" + data)
    assert of_meters(works)["home"] == [1.0]


def test_a_broken_value_or_start_refuses_only_itself_and_can_be_mended(works):
    data = feed(*meter("1", reading_type(), block(1000, "x1", 3000, "", 5000)))
    data = data.replace(str(START + 4 * 3600).encode(), b"yesterday")
    report = take(works, data)
    assert (report.rows_in, report.rows_stored) == (5, 2)
    assert works.reasons() == {2: "not_a_number", 4: "no_consumption", 5: "unreadable_date"}
    (info,) = works.objects.list("quarantine/")
    text = works.objects.get(info.key).decode()
    (row, *_) = csv.DictReader(io.StringIO(text))
    assert (row["Interval Start"], row["Consumption (Wh)"]) == ("2026-05-01 01:00:00Z", "x1")
    report = take(works, text.replace(",x1", ",2000").encode(), name="electricity/mended.csv")
    assert report.rows_stored == 1
    assert works.values()["2026-05-01 01:00"] == 2.0


def test_small_chunks_and_packed_documents_give_the_same_values(works):
    values = [1000 + i * 7 % 50 for i in range(100)]
    data = feed(*meter("1", reading_type(), *(block(v, start=START + i * 3600)
                                              for i, v in enumerate(values))))  # fmt: skip
    take(works, gzip.compress(data), name="electricity/packed.xml.gz", chunk_rows=7)
    assert of_meters(works) == {"packed": pytest.approx([v / 1000 for v in values])}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (feed(*meter("1", reading_type(), block(1)))[:-300], errors.DamagedFileError),
        (feed(*meter("1", reading_type())), errors.HeaderOnlyError),
        (b"<!DOCTYPE f [<!ENTITY a 'aa'>]>" + feed(*meter("1", reading_type(), block(1)))[21:],
         EntityError),
        (b"<!DOCTYPE f SYSTEM 'http://x/y'>" + feed(*meter("1", reading_type(), block(1)))[21:],
         EntityError),
        (feed("<a>" * 50, "</a>" * 50, *meter("1", reading_type(), block(1))),
         errors.DamagedFileError),
        (b"<?xml version='1.0'?><Workbook><Row/></Workbook>", errors.NotASpreadsheetError),
        (feed(entry(block(1))), NoIntervalsError),
    ],
)  # fmt: skip
def test_documents_that_cannot_be_read_are_refused(works, data, error):
    with pytest.raises(error):
        take(works, data)
    assert works.points().empty


def test_a_document_beyond_bounds_is_refused(works, monkeypatch):
    monkeypatch.setattr(espi_feed, "MAX_XML_BYTES", 1_000)
    with pytest.raises(errors.DecompressionLimitError):
        take(works, feed(*meter("1", reading_type(), block(*range(50)))))


def test_a_load_profile_takes_its_serials_from_the_usage_points(world: World):
    world.clock = "standard:+05:30"
    values = [1000, 500, 1500, 250] * 12
    data = feed(*meter("9000100", reading_type(), block(*values, start=START - 864_000)))
    report = world.take(data, name="home.xml")
    found = world.readings()
    assert report.rows_stored == 48
    assert set(found["serial_number"] if "serial_number" in found else found["serial"]) == {
        "9000100"
    }
    assert found["avg_import_kw"].tolist() == [value / 1000 for value in values]
    assert f"{found['timestamp'].iloc[0]:%Y-%m-%d %H:%M}" == "2026-04-21 01:00"
