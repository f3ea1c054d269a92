"""What every adapter of the series store promises.

`simulated_influx` writes to a real InfluxDB 1.6 and has its Flux type-checked by the real compiler,
but a simulation executes it: only `real_influx` runs Flux, and only where INFLUXDB_URL is set.
"""

import os
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, WEATHER
from energy_assets_tests.resources.points import HOSTILE_IDS, consumption, instant, signals
from energy_assets_tests.resources.shelf import NOTES, READINGS, SERIES, SIGNALS, frame, readings
from resources.errors import CellError
from resources.series_store import SeriesStore, open_series_store
from resources.tables import DTYPES, Filter


def test_a_point_of_every_kind_comes_back_as_it_went_in(series: SeriesStore):
    rows = signals(
        site=["a", "b"],
        value=[0.1, None],
        count=[-(2**63), None],
        note=["line one\r\nline \"two\"; 'three', \\N \\. \t €😀\r", None],
        done=[False, None],
        seen_at=[instant("2026-10-25 00:59:59.999"), None],
    )
    series.write(SIGNALS, rows)
    pd.testing.assert_frame_equal(series.read(SIGNALS), rows)


def test_numbers_keep_their_last_bit(series: SeriesStore):
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -1 / 3, 0.0, 1e22, 123456789.125, 3.0]
    counts = [2**63 - 1, -(2**63), 2**53 + 1, 0, 1, -1, 10**15, 7]
    series.write(SIGNALS, signals(channel=list(range(8)), value=values, count=counts))
    found = series.read(SIGNALS)
    assert found["value"].tolist() == values
    assert found["count"].tolist() == counts


def test_instants_of_1900_and_2200_are_kept_to_the_millisecond(series: SeriesStore):
    instants = [instant("1900-01-01 00:00:00.001"), instant("2200-12-31 23:59:59.999")]
    series.write(SIGNALS, signals(at=instants, seen_at=instants, value=[1.0, 2.0]))
    found = series.read(SIGNALS)
    assert found["at"].tolist() == instants
    assert found["seen_at"].tolist() == instants


def test_an_instant_in_the_key_beside_the_time_is_exact_and_in_order(series: SeriesStore):
    issued = ["0999-01-01 00:00:00", "1969-12-31 23:59:59.999", "1970-01-01", "9999-12-31 23:59"]
    stamps = pd.Series(np.array(issued, dtype="datetime64[ms]")).dt.tz_localize("UTC")
    rows = signals(channel=[0] * 4, value=[0.0, 1.0, 2.0, 3.0]).assign(issued_at=stamps)
    series.write(SIGNALS, rows.sample(frac=1, random_state=4))
    pd.testing.assert_frame_equal(series.read(SIGNALS, columns=SIGNALS.names[:6]), rows)
    for operator, expected in {
        "<": [0, 1],
        "<=": [0, 1, 2],
        ">": [3],
        ">=": [2, 3],
        "=": [2],
    }.items():
        where = [Filter("issued_at", operator, instant("1970-01-01"))]  # pyright: ignore[reportArgumentType] - all are operators
        assert series.read(SIGNALS, where)["value"].tolist() == expected, operator


def test_an_instant_of_another_zone_is_stored_in_utc(series: SeriesStore):
    local = pd.Series([pd.Timestamp("2026-07-01 12:00", tz="Asia/Kolkata")])
    series.write(SIGNALS, signals(value=[1.0]).assign(at=local))
    assert series.read(SIGNALS)["at"][0] == instant("2026-07-01 06:30")


def test_an_empty_text_is_not_a_missing_one(series: SeriesStore):
    series.write(SIGNALS, signals(site=["", "x"], note=["", None]))
    found = series.read(SIGNALS)
    assert found["site"].tolist() == ["", "x"]
    assert found["note"].isna().tolist() == [False, True]


def test_hostile_meter_ids_are_each_their_own_meter(series: SeriesStore):
    series.write(ENERGY_CONSUMPTION, consumption(HOSTILE_IDS, file_id=list(HOSTILE_IDS)))
    found = series.read(ENERGY_CONSUMPTION)
    assert found["meter_id"].tolist() == sorted(HOSTILE_IDS)
    assert found["file_id"].tolist() == sorted(HOSTILE_IDS)
    for at, meter_id in enumerate(HOSTILE_IDS):
        one = series.read(ENERGY_CONSUMPTION, [Filter("meter_id", "=", meter_id)])
        assert one["consumption"].tolist() == [float(at)], meter_id
    some = HOSTILE_IDS[::3]
    listed = series.read(ENERGY_CONSUMPTION, [Filter("meter_id", "in", [*some, "nobody"])])
    assert listed["meter_id"].tolist() == sorted(some)


def test_writing_again_changes_nothing(series: SeriesStore):
    rows = readings(serials=2, slots=3)
    series.write(READINGS, rows)
    series.write(READINGS, rows.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(series.read(READINGS), rows)


def test_given_fields_are_replaced_and_missing_ones_stay(series: SeriesStore):
    series.write(SIGNALS, signals(site=["a", "b"], value=[1.0, 2.0], count=[1, 2], note=["x", "y"]))
    series.write(
        SIGNALS, signals(site=["a", "b", "c"], value=[9.0, None, 3.0], count=[None, 8, None])
    )
    found = series.read(SIGNALS, columns=["site", "value", "count", "note"])
    expected = frame(
        SIGNALS,
        site=["a", "b", "c"],
        value=[9.0, 2.0, 3.0],
        count=[1, 8, None],
        note=["x", "y", None],
    )
    pd.testing.assert_frame_equal(found, expected)


def test_of_equal_keys_in_one_frame_the_last_counts(series: SeriesStore):
    series.write(SIGNALS, signals(value=[1.0, 2.0], note=["first", None]))
    found = series.read(SIGNALS)
    assert found["value"].tolist() == [2.0]
    assert found["note"].isna().tolist() == [True]


def test_a_point_of_nothing_but_its_key_is_a_point(series: SeriesStore):
    bare = signals(site=["a", "b"])
    series.write(SIGNALS, bare)
    series.write(SIGNALS, signals(site=["b"], value=[None], done=[None]))
    found = series.read(SIGNALS, columns=SIGNALS.key)
    pd.testing.assert_frame_equal(found, bare)


def test_a_point_without_the_asked_field_is_still_a_point(series: SeriesStore):
    known = [instant("2026-04-01"), None]
    rows = consumption(["a", "b"], consumption=[1.0, None], register=[None, 7.0], known_at=known)
    series.write(ENERGY_CONSUMPTION, rows)
    found = series.read(ENERGY_CONSUMPTION, columns=["meter_id", "consumption"])
    assert found["meter_id"].tolist() == ["a", "b"]
    assert found["consumption"].isna().tolist() == [False, True]
    part = consumption(["c"])[["meter_type", "meter_id", "timestamp", "version"]]
    series.write(ENERGY_CONSUMPTION, part)
    assert series.read(ENERGY_CONSUMPTION, columns=["meter_id"])["meter_id"].tolist() == list("abc")


def test_points_come_in_the_order_of_the_key_whatever_order_they_went_in(series: SeriesStore):
    channels = [-5, 2, 10, 9, 100]
    rows = signals(channel=channels * 2, checked=[True] * 5 + [False] * 5, value=list(range(10)))
    series.write(SIGNALS, rows.sample(frac=1, random_state=3))
    found = series.read(SIGNALS, columns=["channel", "checked", "value"])
    # 10 comes after 9 although its text does not; false comes before true.
    assert found["channel"].tolist() == [-5, -5, 2, 2, 9, 9, 10, 10, 100, 100]
    assert found["checked"].tolist() == [False, True] * 5
    assert found["value"].tolist() == [5, 0, 6, 1, 8, 3, 7, 2, 9, 4]


def test_exactly_the_asked_columns_come_in_the_asked_order(series: SeriesStore):
    series.write(SIGNALS, signals(value=[1.0], count=[4]))
    found = series.read(SIGNALS, columns=["count", "at", "note"])
    expected = frame(SIGNALS, count=[4], at=[instant("2026-01-02")], note=[None])
    pd.testing.assert_frame_equal(found, expected)


def test_nothing_found_is_an_empty_frame_with_the_tables_dtypes(series: SeriesStore):
    series.write(SIGNALS, signals(value=[1.0]))
    for where in ([Filter("site", "=", "nobody")], [Filter("site", "in", [])]):
        for columns in (None, ["at", "value", "done"]):
            found = series.read(SIGNALS, where, columns=columns)
            assert {name: str(dtype) for name, dtype in found.dtypes.items()} == {
                name: DTYPES[SIGNALS.column(name).kind] for name in columns or SIGNALS.names
            }
            assert len(found) == 0


def test_no_rows_are_no_work(series: SeriesStore):
    series.write(SIGNALS, signals(site=[]))
    series.write(WEATHER, frame(WEATHER, **{name: [] for name in WEATHER.names}))
    assert len(series.read(SIGNALS)) == len(series.read(WEATHER)) == 0


SLOTS = [f"2026-03-01 00:{minute:02d}" for minute in (0, 15, 30, 45)]


CONDITIONS: list[tuple[list[Filter], list[int]]] = [
    ([Filter("at", "=", instant(SLOTS[1]))], [1]),
    ([Filter("at", "<", instant(SLOTS[1]))], [0]),
    ([Filter("at", "<=", instant(SLOTS[1]))], [0, 1]),
    ([Filter("at", ">", instant(SLOTS[1]))], [2, 3]),
    ([Filter("at", ">=", instant(SLOTS[1]))], [1, 2, 3]),
    ([Filter("at", ">=", instant(SLOTS[1])), Filter("at", "<", instant(SLOTS[3]))], [1, 2]),
    ([Filter("at", ">", instant(SLOTS[3])), Filter("at", "<", instant(SLOTS[0]))], []),
    ([Filter("at", "in", [instant(SLOTS[3]), instant(SLOTS[0])])], [0, 3]),
    ([Filter("at", "in", [instant("1900-01-01"), instant("2999-01-01")])], []),
    ([Filter("at", ">", instant("2999-01-01"))], []),
    ([Filter("at", "<", instant("0900-01-01"))], []),
    ([Filter("at", "<", instant("2999-01-01"))], [0, 1, 2, 3]),
    ([Filter("at", "=", None)], []),
    ([Filter("at", "<", None)], []),
    (
        [Filter("at", ">=", pd.Timestamp("2026-03-01 05:30:00.0001", tz="Asia/Kolkata"))],
        [1, 2, 3],
    ),
    ([Filter("serial", "=", "m0")], [0, 1, 2, 3]),
    ([Filter("serial", "=", None)], []),
    ([Filter("serial", "in", ["m0", None])], [0, 1, 2, 3]),
    ([Filter("serial", ">", "m"), Filter("serial", "<", "m1")], [0, 1, 2, 3]),
    ([Filter("serial", ">=", "m1")], []),
    ([Filter("serial", "<", None)], []),
    ([Filter("version", "<", 10), Filter("version", ">=", 1)], [0, 1, 2, 3]),
    ([Filter("version", "in", [1, 2]), Filter("at", "in", [instant(SLOTS[2])])], [2]),
    ([Filter("version", ">", 9)], []),
]
"""Conditions, and which of four quarter hours of one meter meet them."""


def test_every_condition_on_the_key_holds(series: SeriesStore):
    rows = readings(serials=1, slots=4)
    series.write(READINGS, rows)
    for where, expected in CONDITIONS:
        found = series.read(READINGS, where)
        wanted = rows.iloc[expected].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, wanted, obj=str(where))


def test_points_are_counted_by_conditions_on_the_key(series: SeriesStore):
    series.write(READINGS, readings(serials=1, slots=4))
    assert series.count(READINGS) == 4
    for where, expected in CONDITIONS:
        assert series.count(READINGS, where) == len(expected), where


def test_the_points_of_a_file_are_counted_among_those_of_its_meters(series: SeriesStore):
    theirs = ["a b.csv@0", "a%2Fb.csv@1", "a b.csv@0", None, "", "a%2Fb.csv@1", "a%2Fb.csv@1"]
    series.write(ENERGY_CONSUMPTION, consumption(list("abcdefg"), file_id=theirs))
    # A later file corrects one value: the point of the first stays as it was.
    series.write(ENERGY_CONSUMPTION, consumption(["a"], version=[2], file_id=["late.csv@2"]))

    def stored(file_id: object, *meters: str, of: str = "=") -> int:
        where = [Filter("meter_id", "in", list(meters)), Filter("file_id", of, file_id)]  # pyright: ignore[reportArgumentType] - all are operators
        march = [Filter("timestamp", ">=", instant("2026-03-01")),
                 Filter("timestamp", "<=", instant("2026-03-01"))]  # fmt: skip
        return series.count(ENERGY_CONSUMPTION, [*where, *march])

    assert stored("a%2Fb.csv@1", *"abcdef") == 2
    assert stored("a%2Fb.csv@1", *"abcdefg") == 3
    assert stored("a b.csv@0", *"abcdefg") == 2
    assert stored("late.csv@2", "a") == 1
    assert stored("a/b.csv@1", *"abcdefg") == 0
    assert stored("", *"abcdefg") == 1
    assert stored(None, *"abcdefg") == 1
    assert stored(["late.csv@2", "", None], *"abcdefg", of="in") == 2
    late = [Filter("timestamp", ">", instant("2026-03-01")), Filter("file_id", "=", "a b.csv@0")]
    assert series.count(ENERGY_CONSUMPTION, late) == 0


def test_points_are_counted_by_conditions_on_fields_of_every_kind(series: SeriesStore):
    rows = signals(
        site=["a", "b", "c"],
        value=[0.5, None, 2.0],
        count=[1, 2, None],
        done=[True, False, None],
        seen_at=[instant("2026-05-01"), None, instant("2026-05-02")],
    )
    series.write(SIGNALS, rows)
    asked = [
        (Filter("value", ">=", 0.5), 2),
        (Filter("value", "<", 0.5), 0),
        (Filter("value", ">", None), 0),
        (Filter("count", "in", [2, 3]), 1),
        (Filter("count", "<=", 1), 1),
        (Filter("done", "=", False), 1),
        (Filter("done", "=", None), 1),
        (Filter("seen_at", ">", instant("2026-05-01")), 1),
        (Filter("note", "=", None), 3),
    ]
    for where, expected in asked:
        assert series.count(SIGNALS, [where]) == expected, where
        one = [where, Filter("site", "in", ["a", "b", "c"])]
        assert series.count(SIGNALS, one) == expected, where
    with pytest.raises(CellError, match="column value"):
        series.count(SIGNALS, [Filter("value", "=", "0.5")])


def test_points_are_counted_where_they_are(
    sqlite_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    for url in (sqlite_url, postgres_url):
        store = open_series_store(url)
        store.ensure([READINGS])
        store.write(READINGS, readings(serials=2, slots=3))

        def nothing_is_read(*_: Any, **__: Any) -> Any:
            raise AssertionError("rows came over the wire")

        with monkeypatch.context() as patched:
            patched.setattr("resources.sql_store.SqlDocumentStore.read", nothing_is_read)
            assert store.count(READINGS, [Filter("energy_kwh", ">", 0.0)]) == 4
        store.close()


def test_a_list_of_thousands_of_meters_is_answered_as_a_whole(series: SeriesStore):
    series.write(READINGS, readings(serials=20, slots=2))
    asked = [f"m{number}" for number in range(0, 4000, 2)]
    found = series.read(READINGS, [Filter("serial", "in", asked), Filter("version", "in", [1, 2])])
    assert found["serial"].tolist() == sorted(f"m{n}" for n in range(0, 20, 2) for _ in range(2))


def test_a_condition_on_a_field_is_refused(series: SeriesStore):
    with pytest.raises(ValueError, match="'value' is no condition on the key"):
        series.read(SIGNALS, [Filter("value", ">", 1.0)])


BAD_VALUES: list[tuple[str, Any, str]] = [
    ("value", [float("inf")], "infinite"),
    ("at", pd.Series([datetime(2026, 1, 1)]), "no instant with a time zone"),  # noqa: DTZ001 - the point
    ("note", [3], "no text"),
    ("count", [0.5], "not int"),
    ("colour", ["red"], "unknown"),
    ("site", [None], "part of the key, and empty in row 0"),
]


def test_a_value_that_a_table_cannot_hold_is_refused_by_column(series: SeriesStore):
    good = signals(value=[1.0])
    for column, value, words in BAD_VALUES:
        bad = {**{n: good[n] for n in good.columns if n != column}, column: value}
        with pytest.raises(CellError, match=f"column {column}: .*{words}"):
            series.write(SIGNALS, pd.DataFrame(bad))
    assert len(series.read(SIGNALS)) == 0


def test_a_condition_of_another_kind_is_refused(series: SeriesStore):
    for where in (Filter("channel", "=", "1"), Filter("site", "in", "s")):
        with pytest.raises(CellError, match=f"column {where.column}"):
            series.read(SIGNALS, [where])


def test_making_tables_ready_again_keeps_their_points(series: SeriesStore):
    series.write(READINGS, readings(serials=1, slots=2))
    series.ensure(SERIES)
    series.ensure([READINGS])
    assert len(series.read(READINGS)) == 2


def test_tables_do_not_mix(series: SeriesStore):
    series.write(READINGS, readings(serials=1, slots=2))
    series.write(SIGNALS, signals(value=[1.0]))
    assert (len(series.read(READINGS)), len(series.read(SIGNALS))) == (2, 1)
    assert len(series.read(WEATHER)) == 0


def test_months_of_hours_of_two_meters_add_up(series: SeriesStore):
    hours = pd.date_range("2025-01-01", periods=3000, freq="h", tz="UTC", unit="ms")
    meters = {
        name: consumption([name] * 3000, consumption=list(np.arange(3000) * factor))
        for name, factor in {"a": 0.125, "b": 0.25}.items()
    }
    rows = pd.concat([each.assign(timestamp=hours) for each in meters.values()], ignore_index=True)
    series.write(ENERGY_CONSUMPTION, rows)
    columns = ["meter_id", "timestamp", "consumption"]
    found = series.read(ENERGY_CONSUMPTION, columns=columns)
    pd.testing.assert_frame_equal(found, rows[columns])
    where = [Filter("meter_id", "=", "b"), Filter("timestamp", ">=", hours[-24])]
    # The last 24 quarters of 0, 1, 2 … are (2976 + … + 2999) / 4.
    assert series.read(ENERGY_CONSUMPTION, where)["consumption"].sum() == 24 * 2987.5 / 4


def test_a_table_without_time_in_its_key_is_refused_by_influxdb_alone(
    simulated_influx: SeriesStore,
):
    with pytest.raises(CellError, match="no time column in the key"):
        simulated_influx.ensure([NOTES])


@pytest.mark.skipif(
    not os.environ.get("INFLUXDB_URL"), reason="INFLUXDB_URL names no InfluxDB to run Flux on"
)
def test_flux_runs_on_the_real_influxdb_of_the_environment(real_influx: SeriesStore):
    real_influx.write(READINGS, readings(serials=2, slots=3))
    found = real_influx.read(READINGS, [Filter("serial", "=", "m1")])
    assert found["energy_kwh"].tolist() == [0.0, 0.25, 0.5]
