"""Customers, meters and measurements of the published MongoDB layout."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database

from energy_assets.contracts.customers import CUSTOMERS
from energy_assets.contracts.readings import READING_VALUES, VALUE_NAMES
from energy_assets.customer_load.measurement_table import MeasurementTable
from energy_assets.customer_load.meter_records import FileEstate, record_customers, record_meters
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.cells.identifiers import identifier
from energy_assets.intake.versions.fingerprint import fingerprints, text_digest
from energy_assets.intake.versions.reconciliation import rank_of
from energy_assets.migrate.balance import Balance, instants_of
from resources.document_store import DocumentStore

NOT_MIGRATED: Final = ("customer_model", "customer_prediction", "processed_files")
"""Collections without a counterpart: models as code, forecasts without issue, names of files."""

Found = dict[str, Any]


def migrate_documents(
    url: str, documents: DocumentStore, *, clock: MeterClock, known_at: datetime
) -> list[Balance]:
    """Store the customers, meters and measurements of a published MongoDB database.

    Stored rows stay as they are, so running it again changes nothing. A meter's rows are left out
    where its customer is not known, and a row where a value is no number within its contract's
    limits. Moments at which documents were written are not taken over: the server's clock is not
    known.

    Args:
        url: Of the database; it is only read.
        documents: Where they go; its tables exist.
        clock: What the naive `timestamp` of measurements showed.
        known_at: Since when this project knows these readings, UTC.
    """
    options: CodecOptions[Found] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
    with pymongo.MongoClient[Found](url) as client:
        source = client.get_default_database(codec_options=options)
        customers = _customers(source["customers"].find(), documents)
        owners, meters = _owners(source["meters"].find({}, {"customerRef": 1}))
        readings, estate = _measurements(source, documents, owners, clock, known_at)
        record_customers(documents, estate, now=known_at)
        record_meters(documents, estate, clock=clock.text, now=known_at)
        others = [_left(source, name) for name in NOT_MIGRATED]
    return [customers, meters, readings, *(each for each in others if each.rows_in)]


def _left(source: Database[Found], name: str) -> Balance:
    rows = int(source.command("count", name)["n"])
    return Balance(table=name, rows_in=rows, left_out=Counter({"not migrated": rows}))


def _measurements(
    source: Database[Found],
    documents: DocumentStore,
    owners: Mapping[str, str],
    clock: MeterClock,
    known_at: datetime,
) -> tuple[Balance, FileEstate]:
    """Store the readings, meter by meter, and collect what they show of meters."""
    balance, estate = Balance(table="measurements"), FileEstate()
    collection = source["measurements"]
    spellings: dict[str, list[object]] = {"": [None]}
    for document in collection.find({}, {"metadata": 1}):
        balance.rows_in += 1
        spelled = _at(document, "metadata.serial")
        forms = spellings.setdefault(_reference(spelled), [])
        if not any(type(form) is type(spelled) and form == spelled for form in forms):
            forms.append(spelled)
    rank = rank_of(known_at, f"published/{source.name}/measurements@{0:012x}")
    for serial, forms in sorted(spellings.items()):
        found = list(collection.find({"metadata.serial": {"$in": forms}}))
        if serial not in owners:
            balance.left_out["of a meter without a customer"] += len(found)
            continue
        frame = _readings(found, serial, owners[serial], clock, balance)
        if frame.empty:
            continue
        version = np.ones(len(frame), dtype=np.int64)
        stored = MeasurementTable(documents).insert(frame, version, rank)
        balance.rows_stored += stored
        balance.rows_there_before += len(frame) - stored
        estate.add(frame, {"meter_id": {serial: str(forms[0])}, "customer_ref": {}})
    balance.left_out = +balance.left_out
    return balance, estate


def _reference(value: object) -> str:
    """The text of an integer or text, without leading zeros; empty where it is neither."""
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (isinstance(value, int | str) or whole):
        return ""
    text, fault = identifier(str(int(value)) if isinstance(value, int | float) else str(value))
    return "" if fault else text


def _customers(found: Iterator[Found] | Any, documents: DocumentStore) -> Balance:  # noqa: ANN401 - a cursor
    balance = Balance(table="customers")
    rows: list[Mapping[str, object]] = []
    for document in found:
        balance.rows_in += 1
        reference = _reference(document.get("_id"))
        if not reference:
            balance.left_out["whose reference is no integer or text"] += 1
            continue
        texts = {"first_name": "firstName", "last_name": "lastName", "email": "email"}
        given = {name: document.get(field) for name, field in texts.items()}
        plain = {name: text if isinstance(text, str) else None for name, text in given.items()}
        rows.append({"customer_ref": reference, "exported_as": str(document["_id"]), **plain})
    if rows:
        frame = pd.DataFrame(rows).drop_duplicates("customer_ref").astype("str")
        balance.rows_stored = documents.insert_new(CUSTOMERS, frame)
        balance.rows_there_before = len(rows) - balance.rows_stored
    return balance


def _owners(found: Iterator[Found] | Any) -> tuple[dict[str, str], Balance]:  # noqa: ANN401 - a cursor
    """The customer of each meter."""
    balance, owners = Balance(table="meters"), dict[str, str]()
    for document in found:
        balance.rows_in += 1
        serial, owner = _reference(document.get("_id")), _reference(document.get("customerRef"))
        if serial and owner:
            owners[serial] = owner
        else:
            balance.left_out["without a serial or a customer"] += 1
    balance.rows_stored = balance.rows_in - balance.left_out.total()
    return owners, balance


def _readings(
    found: list[Found], serial: str, owner: str, clock: MeterClock, balance: Balance
) -> pd.DataFrame:
    """The rows of one meter that can be explained, each instant once."""
    kept: list[Found] = []
    for document in found:
        values = {column.name: _at(document, column.document_paths[0]) for column in READING_VALUES}
        fault = _fault(document.get("timestamp"), values)
        if fault:
            balance.left_out[fault] += 1
            continue
        obis = _at(document, "metadata.obis")
        kept.append(
            {
                **values,
                "wall_ms": int(document["timestamp"]),
                "obis": obis if isinstance(obis, str) else None,
            }
        )
    frame = pd.DataFrame(kept, columns=["wall_ms", "obis", *VALUE_NAMES])
    frame[list(VALUE_NAMES)] = frame[list(VALUE_NAMES)].astype("float64")
    utc_ms, certain = instants_of(frame["wall_ms"].to_numpy(dtype=np.int64), clock, balance)
    frame = frame.assign(utc_ms=utc_ms, meter_id=serial, customer_ref=owner)[certain]
    digest = np.full(len(frame), text_digest(owner), dtype=np.uint64)
    given = {name: frame[name].to_numpy(dtype=np.float64) for name in VALUE_NAMES}
    frame = frame.assign(fingerprint=fingerprints(digest, given))
    once = frame.drop_duplicates(["utc_ms", "fingerprint"])
    contradicting = once["utc_ms"].duplicated(keep=False)
    repeats = Counter(
        {
            "that repeat another": len(frame) - len(once),
            "that contradict another of the same instant": int(contradicting.sum()),
        }
    )
    balance.left_out.update(+repeats)
    return once[~contradicting].sort_values("utc_ms").reset_index(drop=True)


def _at(document: Found, path: str) -> object:
    place: Any = document
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _fault(timestamp: object, values: Mapping[str, object]) -> str:
    """Why a row cannot be explained; empty where it can."""
    if not isinstance(timestamp, DatetimeMS):
        return "without a timestamp"
    if all(value is None or value != value for value in values.values()):
        return "without any value"
    for column in READING_VALUES:
        value = values[column.name]
        if value is None or value != value:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"whose {column.name} is no number"
        low, high = column.minimum, column.maximum
        if not (-np.inf if low is None else low) <= value <= (np.inf if high is None else high):
            return f"whose {column.name} is out of its limits"
    return ""
