"""Line protocol and Flux: what is stored is what was given, and no text changes a query."""

import random
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, SERIES_TABLES, WEATHER
from energy_assets_tests.resources.points import HOSTILE_IDS, consumption, signals
from energy_assets_tests.resources.shelf import READINGS, SIGNALS, frame
from energy_assets_tests.servers.flux_simulation import NotSimulatedError, parsed
from energy_assets_tests.servers.influx_shim import InfluxShim
from energy_assets_tests.servers.influxd import FluxChecker
from resources.cells import checked
from resources.errors import CellError
from resources.flux_conditions import LIST_VALUES, plan_read
from resources.influx_points import layout_of, plain_text, point_lines, stored_text
from resources.influx_store import BATCH_POINTS
from resources.series_store import SeriesStore
from resources.tables import Column, Filter, Table, TimeSeries


@pytest.fixture
def checker(influx_shim: InfluxShim) -> Iterator[FluxChecker]:
    return influx_shim.checker


def lines(table: Table, rows: pd.DataFrame) -> list[str]:
    return "".join(point_lines(layout_of(table), checked(table, rows)).to_pylist()).splitlines()


def test_a_consumption_is_a_line_with_sorted_tags_and_typed_fields():
    rows = consumption(["a b,c=d"], register=[12.5], file_id=['x "1"\\2'], temperature_c=[-0.5])
    # 1 March 2026 is day 20513 of the epoch, 1 April day 20544.
    tags = r"energy_consumption,meter_id=a\ b\,c\=d,meter_type=water,version=1"
    known_at = 20544 * 86_400_000
    fields = (
        rf'consumption=0,register=12.5,temperature=-0.5,known_at={known_at}i,file_id="x \"1\"%5C2"'
    )
    assert lines(ENERGY_CONSUMPTION, rows) == [f"{tags} {fields} {20513 * 86_400 * 10**9}"]


def test_a_missing_value_is_no_field_and_a_point_without_its_witness_is_marked():
    rows = signals(site=["a", "b"], value=[1.0, None], done=[None, True], count=[None, -3])
    assert [line.split(" ")[1] for line in lines(SIGNALS, rows)] == [
        "value=1,is_point=true",
        "pulses=-3i,done=true,is_point=true",
    ]
    weather = frame(
        WEATHER,
        location=["home"],
        provider=["p"],
        kind=["forecast"],
        issued_at=[pd.Timestamp("2026-03-01", tz="UTC")],
        valid_at=[pd.Timestamp("1969-12-31 23:59:59.999", tz="UTC")],
        temperature_c=[0.0],
    )
    assert lines(WEATHER, weather) == [
        "weather,issued_at=2026-03-01T00:00:00.000Z,kind=forecast,location=home,provider=p "
        "temperature=0 -1000000"
    ]
    bare = weather.drop(columns="temperature_c")
    assert lines(WEATHER, bare)[0].split(" ")[1] == "is_point=true"


@given(st.text(st.characters(codec="utf-8")))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_every_text_has_a_stored_form_without_traps(text: str):
    stored = stored_text(text)
    assert plain_text(stored) == text
    assert stored
    assert not any(sign == "\\" or ord(sign) < 32 or ord(sign) == 127 for sign in stored)


def test_texts_of_other_writers_stay_readable():
    texts = ["50 %", "%zz", "a%2Fb", "%2", "%%", "Zähler 7"]
    assert [plain_text(text) for text in texts] == texts


def test_what_the_database_holds_is_what_was_written(
    simulated_influx: SeriesStore, influx_shim: InfluxShim, influx_bucket: str
):
    """Read back with InfluxQL from the real InfluxDB 1.6: no Flux, no simulation."""
    simulated_influx.ensure(SERIES_TABLES)
    size = 2 * BATCH_POINTS + 7
    ids = [f"Zähler {at % 40}" for at in range(size)]
    stamps = pd.date_range("2026-01-01", periods=size, freq="15min", tz="UTC", unit="ms")
    rows = consumption(ids, consumption=[at / 4 for at in range(size)]).assign(timestamp=stamps)
    before = influx_shim.writes
    simulated_influx.write(ENERGY_CONSUMPTION, rows)
    assert influx_shim.writes - before == 3

    def asked(what: str, rest: str = "") -> list[object]:
        found = influx_shim.influxd.query(
            f'SELECT {what} FROM "energy_consumption" {rest}',  # noqa: S608 - the test's own words
            database=influx_bucket,
        )
        return found[0]["values"][0][1:]

    assert asked("count(consumption), sum(consumption)") == [size, size * (size - 1) / 8]
    assert asked("count(file_id)") == [size]
    assert asked("first(file_id)", "WHERE meter_id = 'Zähler 39'") == ["a.csv@0"]
    third = asked("first(consumption), known_at", "WHERE meter_id = 'Zähler 3'")
    assert third == [0.75, 20544 * 86_400_000]
    fields = influx_shim.influxd.query("SHOW FIELD KEYS", database=influx_bucket)[0]["values"]
    assert sorted(fields) == [
        ["consumption", "float"], ["file_id", "string"], ["known_at", "integer"]
    ]  # fmt: skip
    tags = influx_shim.influxd.query("SHOW TAG KEYS", database=influx_bucket)[0]["values"]
    assert tags == [["meter_id"], ["meter_type"], ["version"]]
    newest = influx_shim.influxd.query(
        'SELECT last(consumption) FROM "energy_consumption"', database=influx_bucket
    )[0]["values"][0]
    assert newest[0] == int(stamps[-1].timestamp()) * 10**9


def test_hostile_texts_are_stored_in_a_readable_form(
    simulated_influx: SeriesStore, influx_shim: InfluxShim, influx_bucket: str
):
    """Read back with InfluxQL from the real InfluxDB 1.6: no Flux, no simulation."""
    simulated_influx.ensure(SERIES_TABLES)
    simulated_influx.write(ENERGY_CONSUMPTION, consumption(HOSTILE_IDS, file_id=list(HOSTILE_IDS)))
    found = influx_shim.influxd.query(
        'SELECT file_id FROM "energy_consumption" GROUP BY meter_id', database=influx_bucket
    )
    stored = {series["tags"]["meter_id"]: series["values"][0][1] for series in found}
    assert stored == {stored_text(name): stored_text(name) for name in HOSTILE_IDS}
    unchanged = [" lead and trail ", "a b,c=d", "Zähler №7 😀", "${r.meter_id}", "\u2028"]
    assert all(stored[name] == name for name in unchanged)
    shown = influx_shim.influxd.query("SHOW MEASUREMENTS", database=influx_bucket)
    assert shown[0]["values"] == [["energy_consumption"]]


def flux(where: list[Filter], table: Table = ENERGY_CONSUMPTION, bucket: str = "b") -> list[str]:
    columns = ["consumption"] if table is ENERGY_CONSUMPTION else []
    queries, _ = plan_read(layout_of(table), where, bucket=bucket, columns=columns)
    return [query.text for query in queries]


def test_a_read_is_a_query_of_a_fixed_form(checker: FluxChecker):
    day = pd.Timestamp("2026-03-01", tz="UTC")
    where = [
        Filter("timestamp", ">=", day),
        Filter("timestamp", "<=", day + pd.Timedelta(hours=1)),
        Filter("meter_type", "=", "water"),
        Filter("meter_id", "in", ["a", "b"]),
        Filter("version", ">", 1),
    ]
    [text] = flux(where)
    assert text == (
        'from(bucket: "b")\n'
        "  |> range(start: 2026-03-01T00:00:00.000Z, stop: 2026-03-01T01:00:00.001Z)\n"
        '  |> filter(fn: (r) => r["_measurement"] == "energy_consumption")\n'
        '  |> filter(fn: (r) => r["meter_type"] == "water")\n'
        '  |> filter(fn: (r) => (r["meter_id"] == "a" or r["meter_id"] == "b"))\n'
        # Points of the published layout are known by what they measured.
        '  |> filter(fn: (r) => ((r["_field"] == "consumption" or r["_field"] == "known_at") or '
        '(r["_field"] == "register" or (r["_field"] == "temperature" or '
        'r["_field"] == "is_point"))))\n'
        '  |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")\n'
        '  |> drop(columns: ["_start", "_stop", "_measurement"])'
    )
    assert checker.check(text)["valid"]


def test_no_text_changes_a_query(checker: FluxChecker):
    """The real parser sees the same tree, and reads every text as it was meant."""

    def query(text: str) -> str:
        where = [Filter("meter_id", "=", text), Filter("meter_type", "in", [text, "x" + text])]
        return flux(where, bucket=f"bucket {text}")[0]

    plain = checker.check(query("plain"))
    rng = random.Random(11)  # noqa: S311 - makes texts, guards nothing
    signs = ['"', "\\", "$", "{", "}", "\n", "\r", "\t", "\x00", ")", "|>", "a", "é", "😀", "//"]
    made_up = ["".join(rng.choices(signs, k=rng.randint(1, 12))) for _ in range(150)]
    for text in [*HOSTILE_IDS, *made_up]:
        verdict = checker.check(query(text))
        assert verdict["valid"], text
        assert verdict["shape"] == plain["shape"], text
        stored = stored_text(text.replace("\0", "\ufffd"))
        meant = {"plain": stored, "xplain": stored_text("x" + text.replace("\0", "\ufffd"))}
        meant["bucket plain"] = f"bucket {text}"
        assert verdict["texts"] == [meant.get(each, each) for each in plain["texts"]], text


def test_the_checker_and_the_simulation_do_refuse(checker: FluxChecker):
    [good] = flux([Filter("meter_id", "=", "a")])
    injected = good.replace('"a"', '"") |> drop(columns: ["a"]) |> filter(fn: (r) => r.a == "b"')
    broken = [good.replace("pivot", "privet"), good.replace("rowKey", "row"), good[:-1]]
    assert [checker.check(text)["valid"] for text in (good, injected, *broken)] == [
        True, True, False, False, False
    ]  # fmt: skip
    assert checker.check(injected)["shape"] != checker.check(good)["shape"]
    assert parsed(good).measurement == "energy_consumption"
    for text in (injected, good.replace('"a"', '"${r.b}"'), good + "\n", *broken[:2]):
        with pytest.raises(NotSimulatedError):
            parsed(text)


def test_long_lists_become_queries_that_ask_for_every_value_once(checker: FluxChecker):
    ids = [f"meter {number}" for number in range(2 * LIST_VALUES + 3)]
    where = [Filter("meter_id", "in", [*ids, *ids]), Filter("version", "in", [1, 2])]
    texts = flux(where)
    assert len(texts) == 3
    assert all(checker.check(text)["valid"] for text in texts)
    asked = [value for text in texts for name, _, value in parsed(text).filters[1]]
    assert sorted(str(value) for value in asked) == sorted(ids)


def test_conditions_that_nothing_can_meet_ask_for_nothing():
    late = pd.Timestamp("2999-01-01", tz="UTC")
    for where in (
        [Filter("meter_id", "in", [])],
        [Filter("meter_id", "=", None)],
        [Filter("timestamp", ">", late)],
        [Filter("timestamp", "in", [late])],
    ):
        assert flux(where) == []


def test_only_instants_are_compared_by_the_server(checker: FluxChecker):
    issued = pd.Timestamp("2026-03-01", tz="UTC")
    where = [Filter("issued_at", "<=", issued), Filter("location", ">", "a")]
    [text] = flux(where, WEATHER)
    assert 'r["issued_at"] <= "2026-03-01T00:00:00.000Z"' in text
    assert "location" not in text
    assert checker.check(text)["valid"]


def column_table(column: Column, *, in_key: bool) -> Table:
    return Table(
        name="odd",
        columns=(Column(name="at", kind="instant"), column),
        key=("at", column.name) if in_key else ("at",),
        time_series=TimeSeries(time_column="at", meta_field="m", granularity="hours"),
    )


@pytest.mark.parametrize(
    ("column", "in_key", "words"),
    [
        (Column(name="share", kind="float"), True, "float can be no tag"),
        (Column(name="blob", kind="bytes"), False, "bytes can be no field"),
        (Column(name="extra", kind="json"), False, "json can be no field"),
        (Column(name="time", kind="str"), True, "'time' can be no name"),
        (Column(name="x", kind="str", paths=("_field",)), True, "'_field' can be no name"),
        (Column(name="x", kind="str", paths=("a b",)), True, "'a b' can be no name"),
        (Column(name="is_point", kind="bool"), False, "'is_point' can be no name"),
    ],
)
def test_a_column_that_influxdb_has_no_place_for_is_refused(
    column: Column, in_key: bool, words: str
):
    with pytest.raises(CellError, match=words):
        layout_of(column_table(column, in_key=in_key))


def test_two_columns_cannot_share_a_name():
    extra = Column(name="other", kind="float", paths=("timestamp2",))
    twice = Table(
        name="odd",
        columns=(*READINGS.columns, extra, Column(name="timestamp2", kind="float")),
        key=READINGS.key,
        time_series=READINGS.time_series,
    )
    with pytest.raises(CellError, match="two columns of one name"):
        layout_of(twice)
