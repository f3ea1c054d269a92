"""A case against the stores: exact on meters, instants and fields, 1e-9 relative on values."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isclose
from typing import Any

from energy_assets.intake.errors import MeterFileError
from energy_assets.intake.report import MeterFile
from energy_assets_tests.files.cases import (
    Case,
    Delivery,
    Either,
    Expectation,
    Refused,
    Row,
    Rows,
    Taken,
    Unchanged,
    arrival,
)
from energy_assets_tests.files.worlds import (
    Stores,
    arrived,
    ingested,
    newest,
    quarantined,
    versions,
)

SHOWN = 4
"""Rows of each fault that a failure shows."""


def judge(stores: Stores, case: Case) -> None:
    """Take the deliveries of a case in, one after the other, and fail at the first deviation."""
    stores.empty()
    state: Rows = {}
    for index, delivery in enumerate(case.deliveries):
        state = _judge_delivery(stores, case, delivery, arrival(index, delivery), state)


def _judge_delivery(
    stores: Stores, case: Case, delivery: Delivery, known_at: datetime, before: Rows
) -> Rows:
    made = delivery.data
    data = made if isinstance(made, bytes) else made(stores.objects)
    file = arrived(stores, case, delivery.name, data, known_at)
    try:
        report = ingested(stores, case, file)
    except MeterFileError as error:
        _judge_refusal(delivery.expect, str(error))
        assert_rows(newest(stores, case), before, optional={}, where="although it was refused, ")
        return before
    where = f"{delivery.name}: "
    assert not isinstance(delivery.expect, Refused), (
        f"{where}taken in, although it should be refused: {_summary(report)}, "
        f"stored {_sample(newest(stores, case).items())}"
    )
    assert_balance(stores, case, file, report)
    return _judge_rows(stores, case, file, report, delivery.expect, before)


def _judge_refusal(expect: Expectation, sentence: str) -> None:
    if isinstance(expect, Taken) or (isinstance(expect, Either) and not expect.may_refuse):
        raise AssertionError(f"refused as a whole, although it can be read: {sentence}")
    for name in expect.names if isinstance(expect, Refused) else ():
        spellings = (name,) if isinstance(name, str) else name
        named = any(spelling.lower() in sentence.lower() for spelling in spellings)
        assert named, f"the refusal names none of {spellings}: {sentence}"


def assert_balance(stores: Stores, case: Case, file: MeterFile, report: Any) -> None:
    """Rows in and rows accounted for are equal, and the stores hold as many as the report says."""
    fates = report.rows_stored + report.rows_duplicate + report.rows_superseded
    assert report.rows_in == fates + report.rows_quarantined, f"unbalanced: {_summary(report)}"
    frame = versions(stores, case)
    held = int((frame["file_id"] == file.file_id).sum())
    assert held == report.rows_stored, f"{held} rows of the file are stored: {_summary(report)}"
    refused = len(quarantined(stores, file))
    assert refused == report.rows_quarantined, f"{refused} in quarantine: {_summary(report)}"


def _judge_rows(
    stores: Stores, case: Case, file: MeterFile, report: Any, expect: Expectation, before: Rows
) -> Rows:
    found, where = newest(stores, case), f"({_summary(report)}) "
    if isinstance(expect, Unchanged):
        assert_rows(found, before, optional={}, where=where)
        return before
    if isinstance(expect, Either):
        certain = {**before, **expect.certain}
        assert_rows(found, certain, optional=expect.rows, where=where)
        if not expect.repeats:
            assert report.rows_duplicate == report.rows_superseded == 0, f"lost rows: {where}"
            absent = sum(key not in found for key in expect.rows)
            assert absent <= report.rows_quarantined, f"{absent} rows are nowhere: {where}"
        return {**certain, **{key: found[key] for key in expect.rows if key in found}}
    assert isinstance(expect, Taken)
    after = {**before, **expect.rows}
    assert_rows(found, after, optional={}, where=where)
    _judge_counts(expect, report, quarantined(stores, file), where)
    return after


def _judge_counts(expect: Taken, report: Any, reasons: Mapping[int, str], where: str) -> None:
    extra = set(reasons) - set(expect.quarantined) - set(expect.loose)
    shown = {row: reasons[row] for row in sorted(extra)[:SHOWN]}
    assert not extra, f"{where}{len(extra)} good rows were refused: {shown}"
    lacking = set(expect.quarantined) - set(reasons)
    assert not lacking, f"{where}rows {sorted(lacking)[:SHOWN]} should be refused"
    if isinstance(expect.quarantined, Mapping):
        other = {
            row: reasons[row] for row, why in expect.quarantined.items() if reasons[row] != why
        }
        assert not other, f"{where}other reasons than expected: {other}"
    counts = (report.rows_duplicate, report.rows_superseded)
    assert counts == (expect.duplicates, expect.superseded), f"{where}duplicates and superseded"
    if expect.dropped is not None:
        dropped = sum(dict(getattr(report, "cells_dropped", {})).values())
        assert dropped == expect.dropped, f"{where}{dropped} cells dropped, not {expect.dropped}"
    if expect.intervals is not None:
        assert dict(report.interval_minutes) == dict(expect.intervals), f"{where}intervals"


def assert_rows(
    found: Mapping[tuple[str, datetime], Row], expected: Rows, *, optional: Rows, where: str
) -> None:
    """Every expected row is there, every optional one is right or absent, and there is no other."""
    allowed = {**expected, **optional}
    extra = [item for item in found.items() if item[0] not in allowed]
    missing = [
        item for item in expected.items() if item[0] not in found and item[0] not in optional
    ]
    wrong = [
        (key, row, allowed[key])
        for key, row in found.items()
        if key in allowed and not _is_one_of(row, allowed[key])
    ]
    faults = [("wrong", wrong), ("missing", missing), ("of no row of the file", extra)]
    told = [f"{len(rows)} rows {what}: {_sample(rows)}" for what, rows in faults if rows]
    assert not told, f"{where}{len(found)} rows are stored; " + "; ".join(told)


def _is_one_of(row: Row, allowed: Row | tuple[Row, ...]) -> bool:
    choices = allowed if isinstance(allowed, tuple) else (allowed,)
    return any(_equal(row, choice) for choice in choices)


def _equal(row: Row, other: Row) -> bool:
    return row.keys() == other.keys() and all(_close(row[name], other[name]) for name in row)


def _close(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _sample(rows: Iterable[tuple[Any, ...]]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%dT%H:%MZ}"
        if isinstance(value, tuple):
            return tuple(plain(each) for each in value)
        return value

    return str([plain(row) for row in sorted(rows, key=lambda row: str(row[0]))[:SHOWN]])


def _summary(report: Any) -> str:
    names = ("in", "stored", "corrected", "duplicate", "superseded", "quarantined")
    counts = ", ".join(f"{getattr(report, f'rows_{name}')} {name}" for name in names)
    return f"{counts}, {dict(report.quarantine_reasons)}"
