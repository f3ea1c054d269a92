"""Which column of a load-profile file holds which field."""

import re
from collections.abc import Sequence
from typing import Final

from energy_assets.contracts.readings import VALUE_NAMES
from energy_assets.intake.errors import (
    DuplicatedColumnsError,
    MissingColumnsError,
    TooManyColumnsError,
)
from energy_assets.intake.layouts import (
    MAX_COLUMNS,
    QUARANTINE_COLUMNS,
    Layout,
    choose_instant,
    normalised,
)

_PHASE_FIELDS: Final = {
    f"phase{phase}inst{what}": f"phase_{phase}_{what}"
    for phase in "abc"
    for what in ("current", "voltage")
}


_SPELLINGS: Final[dict[str, str]] = {
    "serial": "serial", "serialno": "serial", "serialnumber": "serial", "meterserial": "serial",
    "meterno": "serial", "meternumber": "serial", "meterid": "serial",
    "customerref": "customer_ref", "customerreference": "customer_ref",
    "customerid": "customer_ref", "customerno": "customer_ref",
    "obis": "obis", "obiscode": "obis",
    "date": "date", "readingdate": "date", "time": "time", "readingtime": "time",
    "datetime": "datetime", "dateandtime": "datetime", "readingdatetime": "datetime",
    "readat": "datetime", "timestamp": "timestamp",
    "importkwh": "import_kwh", "exportkwh": "export_kwh",
    "importkvarh": "import_kvarh", "exportkvarh": "export_kvarh",
    "avgimportkw": "avg_import_kw", "avgexportkw": "avg_export_kw",
    "avgimportkva": "avg_import_kva", "avgexportkva": "avg_export_kva",
    "avgcurrent": "avg_current", "avgvoltage": "avg_voltage",
    "powerfactor": "power_factor", "phaseabcpowerfactor": "power_factor",
    "instpowerfactor": "phase_a_power_factor", "phaseainstpowerfactor": "phase_a_power_factor",
    "quarantinefile": "quarantine_file", "quarantinerow": "quarantine_row",
    **_PHASE_FIELDS,
}  # fmt: skip
"""Normalised header to field."""


_CUTTABLE: Final = tuple(
    name for name in _SPELLINGS if _SPELLINGS[name] in VALUE_NAMES or name == "customerref"
)
"""Headers long enough to have been cut by a spreadsheet."""


def layout_of(header: Sequence[str], *, object_key: str) -> Layout:
    """The layout that a header describes.

    A cut phase header ("PHASE_B_") means current where it comes first and voltage where it comes
    second; any other cut header counts if only one field begins that way. A lone instantaneous
    power factor is the power factor.

    Raises:
        TooManyColumnsError: No export has that many columns.
        DuplicatedColumnsError: Two columns mean the same field.
        MissingColumnsError: No meter, no instant, or no import energy.
    """
    if len(header) > MAX_COLUMNS:
        raise TooManyColumnsError(object_key, f"{len(header):,} columns")
    names = [normalised(text) for text in header]
    columns: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name in _SPELLINGS:
            columns.setdefault(_SPELLINGS[name], []).append(position)
    for meaning, position in _cut_headers(names, taken=set(columns)):
        columns.setdefault(meaning, []).append(position)
    for meaning, found in columns.items():
        if len(found) > 1 and meaning != "timestamp":
            raise DuplicatedColumnsError(object_key, meaning, [header[i] for i in found])
    positions = {meaning: found[0] for meaning, found in columns.items()}
    if "phase_a_power_factor" in positions and "power_factor" not in positions:
        positions["power_factor"] = positions.pop("phase_a_power_factor")
    choose_instant(positions)
    _require(positions, header=header, object_key=object_key)
    used = set(positions.values())
    reported = set(map(normalised, QUARANTINE_COLUMNS)) | {"timestamp", ""}
    ignored = [text for i, text in enumerate(header) if i not in used and names[i] not in reported]
    return Layout(header=tuple(header), positions=positions, ignored=tuple(ignored))


def _cut_headers(names: Sequence[str], *, taken: set[str]) -> list[tuple[str, int]]:
    """Fields of headers that were cut short, with their column numbers."""
    found: list[tuple[str, int]] = []
    by_phase: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name in _SPELLINGS or len(name) < 4:
            continue
        phase = re.fullmatch(r"phase([abc])(i|in|ins|inst)?", name)
        if phase:
            by_phase.setdefault(phase.group(1), []).append(position)
            continue
        meant = {_SPELLINGS[full] for full in _CUTTABLE if full.startswith(name)}
        if len(meant) == 1 and not meant & taken:
            found.append((meant.pop(), position))
    for phase_name, positions in by_phase.items():
        pair = [f"phase_{phase_name}_current", f"phase_{phase_name}_voltage"]
        free = [name for name in pair if name not in taken]
        if len(free) == len(positions):
            found.extend(zip(free, positions, strict=True))
    return found


def _require(positions: dict[str, int], *, header: Sequence[str], object_key: str) -> None:
    """Stop when no reading can be told from these columns."""
    missing: list[str] = []
    if "serial" not in positions:
        missing.append("SERIAL")
    if "datetime" not in positions and not {"date", "time"} <= set(positions):
        missing.append("DATE and TIME (or one column with both)")
    if not {"import_kwh", "avg_import_kw"} & set(positions):
        missing.append("IMPORT_KWH (or AVG._IMPORT_KW)")
    if missing:
        raise MissingColumnsError(object_key, missing, header)


def known_headers(header: Sequence[str]) -> int:
    """How many of these headers are spelled as a known one."""
    return sum(1 for text in header if normalised(text) in _SPELLINGS)
