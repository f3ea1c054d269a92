"""A raw block to typed readings: every cell checked, every faulty row refused with its reason.

Rows are independent of each other here. Clock changes, duplicates and what is stored already are
settled in `clock_changes` and `reconciliation`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from energy_assets.contracts.readings import READING_VALUES
from energy_assets.intake.cells.block_cells import (
    mark_out_of_bounds,
    mended_rows,
    read_finite_numbers,
    read_identifiers,
    read_instants,
    refusals_of,
)
from energy_assets.intake.cells.identifiers import identifier
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.layouts import Layout
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rows import BlockReadings
from energy_assets.intake.rules import ReadingRules
from energy_assets.intake.versions.fingerprint import fingerprints, text_digest

POWER_FACTOR_TOLERANCE: Final = 0.05
"""Rounding takes a power factor this far beyond 1; it is clipped, beyond that it is refused."""

_POWER_FACTORS: Final = ("power_factor", "phase_a_power_factor")


def block_readings(block: RawBlock, rules: ReadingRules) -> BlockReadings:
    """The good rows of a block as typed readings, and the refusals of the others."""
    faults = RowFaults(len(block.row_numbers))
    serials, spelled_serials = read_identifiers(block, "serial", "serial", faults, _identifier)
    if "customer_ref" in block.columns:
        customers, spelled_customers = read_identifiers(
            block, "customer_ref", "customer", faults, _identifier
        )
    else:
        customers, spelled_customers = serials, spelled_serials
    instants = read_instants(block, rules, faults)
    values = {name: _values(block, name, rules, faults) for name in rules.layout.value_fields}
    _require_energy(values, rules.layout, faults)
    digests = np.array([text_digest(str(ref)) for ref in customers.categories], dtype=np.uint64)
    known = np.maximum(customers.codes, 0)
    digest = digests[known] if len(digests) else np.zeros(len(known), dtype=np.uint64)
    frame = pd.DataFrame(
        {
            "row_number": block.row_numbers,
            "serial": serials,
            "customer_ref": customers,
            "obis": _obis(block),
            **instants,
            "fingerprint": fingerprints(digest, values),
            **mended_rows(block),
            **values,
        },
        copy=False,
    )
    return BlockReadings(
        frame=frame[faults.good].reset_index(drop=True) if faults.any else frame,
        refusals=[*block.refusals, *refusals_of(block, rules.layout, faults)],
        spellings={"serial": spelled_serials, "customer_ref": spelled_customers},
    )


@lru_cache(maxsize=1 << 17)
def _identifier(text: str) -> tuple[str, str]:
    return identifier(text)


def _text_index(texts: Mapping[str, str]) -> pd.Index:
    return pd.Index(list(texts), dtype="str")


def _obis(block: RawBlock) -> pd.Categorical:
    """OBIS texts, trimmed."""
    column = block.columns.get("obis")
    if column is None:
        missing = np.full(len(block.row_numbers), -1)
        return pd.Categorical.from_codes(missing, categories=_text_index({}))
    texts = [text.strip().replace("\x00", "␀") for text in column.dictionary.to_pylist()]
    index = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    to_code = np.array([*(index[text] for text in texts), -1])
    codes = np.asarray(pc.fill_null(column.indices, len(texts))).astype(np.int64)
    return pd.Categorical.from_codes(
        to_code[codes], categories=_text_index(dict.fromkeys(index, ""))
    )


def _values(
    block: RawBlock, name: str, rules: ReadingRules, faults: RowFaults
) -> NDArray[np.float64]:
    """One column of values within its bounds, NaN for none."""
    values = read_finite_numbers(block, name, rules.mark, faults)
    if name in _POWER_FACTORS:
        within = np.abs(values) <= 1 + POWER_FACTOR_TOLERANCE
        values = np.where(within, np.clip(values, -1, 1), values)
    mark_out_of_bounds(values, name, _BOUNDS[name], faults)
    return values


_BOUNDS: Final = {
    column.name: (
        -np.inf if column.minimum is None else column.minimum,
        np.inf if column.maximum is None else column.maximum,
    )
    for column in READING_VALUES
}


def _require_energy(
    values: Mapping[str, NDArray[np.float64]], layout: Layout, faults: RowFaults
) -> None:
    """Refuse rows with neither an import register nor a mean import power."""
    known = [values[name] for name in ("import_kwh", "avg_import_kw") if name in values]
    nothing = np.isnan(known[0]) if len(known) == 1 else np.isnan(known[0]) & np.isnan(known[1])
    field = "import_kwh" if "import_kwh" in layout.positions else "avg_import_kw"
    faults.mark(nothing, field, "no_energy_value")
