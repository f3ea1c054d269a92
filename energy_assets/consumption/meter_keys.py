"""Keys of electricity and water meters, `<meter_type>/<meter_id>`, and where their files lie."""

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from energy_assets.consumption.file_errors import (
    MeterKeyError,
    MisplacedFileError,
    NamelessMeterError,
)
from energy_assets.contracts.consumption import METER_TYPES, MeterType

FILE_ENDINGS: Final = (".gz", ".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".xml")
"""Endings of file names that are no part of a meter id, the last one first."""


def meter_key(meter_type: MeterType, meter_id: str) -> str:
    """The key of a meter, such as `water/home 1`."""
    return f"{meter_type}/{meter_id}"


def parsed_meter_key(key: str) -> tuple[MeterType, str]:
    """Meter type and meter id of a key; an id may hold slashes.

    Raises:
        MeterKeyError: It has no known meter type or no meter id.
    """
    name, _, meter_id = key.partition("/")
    for meter_type in METER_TYPES:
        if name == meter_type and meter_id:
            return meter_type, meter_id
    raise MeterKeyError(key)


def meter_type_of(object_key: str, *, prefix: str) -> MeterType:
    """The meter type whose folder a file lies in.

    Raises:
        MisplacedFileError: It lies in none.
    """
    folder = object_key.removeprefix(prefix).lstrip("/").partition("/")[0]
    for meter_type in METER_TYPES:
        if object_key.startswith(prefix) and folder == meter_type:
            return meter_type
    raise MisplacedFileError(object_key, prefix, METER_TYPES)


def meter_id_of(object_key: str) -> str:
    """The meter that a file is named after; `a%2Fb.csv.gz` is the meter `a/b`.

    Raises:
        NamelessMeterError: The name is nothing but an ending.
    """
    name = PurePosixPath(object_key).name
    for ending in FILE_ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            if ending != ".gz":
                break
    try:
        meter_id = unquote(name, errors="strict").strip()
    except UnicodeDecodeError:
        meter_id = name.strip()
    if not meter_id:
        raise NamelessMeterError(object_key)
    return meter_id.replace("\x00", "␀")
