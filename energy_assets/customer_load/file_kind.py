"""What load-profile exports look like: columns, spellings, units and bounds.

Spellings are listed for people in docs/file_formats.md.
"""

import re
from collections.abc import Sequence
from typing import Final

from energy_assets.contracts.readings import READING_VALUES
from energy_assets.intake.file_kind import FileKind, IntervalLabel, ValueField
from energy_assets.intake.units import Quantity

PREFIX: Final = "raw/load_profiles/"
"""Where load-profile files arrive."""

POWER_FACTOR_TOLERANCE: Final = 0.05
"""Rounding takes a power factor this far beyond 1; it is clipped, beyond that it is left out."""

_SPELLINGS: Final[dict[str, str]] = {
    "import_kwh": "importkwh cumulativeimportkwh importregister importenergyregister",
    "export_kwh": "exportkwh cumulativeexportkwh exportregister",
    "import_kvarh": "importkvarh",
    "export_kvarh": "exportkvarh",
    "avg_import_kw": "avgimportkw averageimportkw",
    "avg_export_kw": "avgexportkw averageexportkw",
    "avg_import_kva": "avgimportkva averageimportkva",
    "avg_export_kva": "avgexportkva averageexportkva",
    "avg_current": "avgcurrent averagecurrent",
    "avg_voltage": "avgvoltage averagevoltage",
    "power_factor": "powerfactor phaseabcpowerfactor",
    "phase_a_power_factor": "instpowerfactor phaseainstpowerfactor",
    **{
        f"phase_{phase}_{what}": f"phase{phase}inst{what} phase{phase}{what}"
        for phase in "abc"
        for what in ("current", "voltage")
    },
}
"""Normalised headers of each value."""

_STEMS: Final[dict[str, str]] = {
    "import_kwh": "import importenergy activeimport cumulativeimport",
    "export_kwh": "export exportenergy activeexport cumulativeexport",
    "avg_import_kw": (
        "import avgimport averageimport importpower intervalimport intervalenergy interval "
        "energyperinterval intervalkwh consumption usage delta"
    ),
    "avg_export_kw": "export avgexport averageexport exportpower intervalexport",
    "avg_import_kva": "avgimport averageimport",
    "avg_export_kva": "avgexport averageexport",
}
"""Normalised headers that mean a value only with a unit that fits."""

_QUANTITIES: Final[dict[str, Quantity]] = {
    "kW": "power", "kWh": "energy", "kVA": "apparent_power", "kvarh": "reactive_energy",
    "A": "current", "V": "voltage", "": "ratio",
}  # fmt: skip

_REGISTERS: Final = ("import_kwh", "export_kwh", "import_kvarh", "export_kvarh")

_MISNAMED: Final = {"avg_current": frozenset({"v"})}
"""The portal writes AVG._CURRENT (V)."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _fields() -> tuple[ValueField, ...]:
    return tuple(
        ValueField(
            name=column.name,
            quantity=_QUANTITIES[column.unit],
            spellings=_words(_SPELLINGS[column.name]),
            stems=_words(_STEMS.get(column.name, "")),
            minimum=float("-inf") if column.minimum is None else column.minimum,
            maximum=float("inf") if column.maximum is None else column.maximum,
            essential=column.name in ("import_kwh", "avg_import_kw"),
            is_register=column.name in _REGISTERS,
            overshoot=POWER_FACTOR_TOLERANCE if "power_factor" in column.name else 0.0,
            misnamed=_MISNAMED.get(column.name, frozenset()),
        )
        for column in READING_VALUES
    )


_CUTTABLE: Final[dict[str, str]] = {
    **{name: value for value, names in _SPELLINGS.items() for name in names.split()},
    "customerref": "customer_ref",
}
"""Headers long enough to have been cut by a spreadsheet, and what they mean."""


def cut_headers(names: Sequence[str], taken: set[str]) -> list[tuple[str, int]]:
    """Fields of headers that were cut short, with their column numbers.

    A cut phase header ("PHASE_B_") means current where it comes first and voltage where it comes
    second; any other cut header counts if only one field begins that way.
    """
    found: list[tuple[str, int]] = []
    by_phase: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name in _CUTTABLE or len(name) < 4:
            continue
        phase = re.fullmatch(r"phase([abc])(i|in|ins|inst)?", name)
        if phase:
            by_phase.setdefault(phase.group(1), []).append(position)
            continue
        meant = {value for full, value in _CUTTABLE.items() if full.startswith(name)}
        if len(meant) == 1 and not meant & taken:
            found.append((meant.pop(), position))
    for phase_name, positions in by_phase.items():
        pair = [f"phase_{phase_name}_current", f"phase_{phase_name}_voltage"]
        free = [name for name in pair if name not in taken]
        if len(free) == len(positions):
            found.extend(zip(free, positions, strict=True))
    return found


def load_profile_kind(label: IntervalLabel = "end") -> FileKind:
    """What load-profile exports look like.

    Args:
        label: Which end of its interval a time marks, where the header does not say.
    """
    return FileKind(
        meter=_words("serial serialno serialnumber meterserial meterno meternumber meterid"),
        meter_title="SERIAL",
        meter_noun="serial",
        texts={
            "customer_ref": _words("customerref customerreference customerid customerno"),
            "obis": _words("obis obiscode"),
        },
        identifiers={"customer_ref": "customer"},
        values=_fields(),
        wanted={"import_kwh": "IMPORT_KWH", "avg_import_kw": "AVG._IMPORT_KW"},
        otherwise={"phase_a_power_factor": "power_factor"},
        stamp="end",
        label=label,
        intervals=(15, 30, 60),
        complete_cut=cut_headers,
        reason_without_value="no_energy_value",
    )
