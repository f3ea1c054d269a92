"""A raw block of an electricity or water file to typed points, in kWh or m3.

Every cell is checked, every faulty row refused with its reason; rows are independent here.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from energy_assets.consumption.consumption_layouts import ConsumptionLayout
from energy_assets.consumption.units import celsius
from energy_assets.contracts.consumption import ENERGY_CONSUMPTION, MeterType
from energy_assets.intake.cells.block_cells import (
    mark_out_of_bounds,
    mended_rows,
    read_finite_numbers,
    read_identifiers,
    read_instants,
    refusals_of,
)
from energy_assets.intake.cells.row_faults import RowFaults
from energy_assets.intake.readers.raw_blocks import RawBlock
from energy_assets.intake.rows import BlockReadings
from energy_assets.intake.rules import ReadingRules
from energy_assets.intake.versions.fingerprint import fingerprints

MAX_METER_CHARACTERS: Final = 250
"""No file name is longer, and so no meter id."""

MOST: Final[dict[str, float]] = {"consumption": 1e10, "register": 1e13}
"""No meter counts more kWh or m3."""


@dataclass(frozen=True, kw_only=True)
class PointRules:
    """How the rows of one electricity or water file are to be understood.

    Attributes:
        reading: Dates, times, numbers and meters.
        layout: Columns and units.
        meter_type: What the file measures.
        meter_id: The meter of a file that has no column for it.
        interval_minutes: Interval of the values, known where they are mean powers. [min]
    """

    reading: ReadingRules
    layout: ConsumptionLayout
    meter_type: MeterType
    meter_id: str | None
    interval_minutes: int | None = None

    def shifted(self, *, shift_ms: int = 0, wall_shift_ms: int = 0) -> "PointRules":
        """The same for times that lie apart from the start of the interval."""
        reading = replace(self.reading, shift_ms=shift_ms, wall_shift_ms=wall_shift_ms)
        return replace(self, reading=reading)


def meter_name(text: str | None) -> tuple[str, str]:
    """The meter id that a cell means, as it stands there, and a fault."""
    bare = (text or "").strip()
    if len(bare) > MAX_METER_CHARACTERS:
        return "", "overlong"
    return bare.replace("\x00", "␀"), "" if bare else "missing"


def block_points(block: RawBlock, rules: PointRules) -> BlockReadings:
    """The good rows of a block as points, and the refusals of the others."""
    faults = RowFaults(len(block.row_numbers))
    meters, spellings = _meters(block, rules, faults)
    instants = read_instants(block, rules.reading, faults)
    values = {
        name: _values(block, name, rules, faults) for name in rules.layout.layout.value_fields
    }
    needed = "register" if rules.layout.is_register else "consumption"
    faults.mark(np.isnan(values[needed]), needed, "no_consumption")
    frame = pd.DataFrame(
        {
            "row_number": block.row_numbers,
            "serial": meters,
            **instants,
            "fingerprint": fingerprints(np.zeros(len(meters), dtype=np.uint64), values),
            **mended_rows(block),
            **values,
        },
        copy=False,
    )
    return BlockReadings(
        frame=frame[faults.good].reset_index(drop=True) if faults.any else frame,
        refusals=[*block.refusals, *refusals_of(block, rules.layout.layout, faults)],
        spellings={"serial": spellings, "customer_ref": {}},
    )


def _meters(
    block: RawBlock, rules: PointRules, faults: RowFaults
) -> tuple[pd.Categorical, dict[str, str]]:
    if "serial" in block.columns:
        return read_identifiers(block, "serial", "meter", faults, rules.reading.identify)
    meter_id = rules.meter_id or ""
    codes = np.zeros(len(block.row_numbers), dtype=np.int8)
    categories = pd.Index([meter_id], dtype="str")
    return pd.Categorical.from_codes(codes, categories=categories), {meter_id: meter_id}


def _values(
    block: RawBlock, name: str, rules: PointRules, faults: RowFaults
) -> NDArray[np.float64]:
    """One column of values in the unit of the store, within its bounds, NaN for none."""
    values = read_finite_numbers(block, name, rules.reading.mark, faults)
    if name == "temperature_c":
        values = celsius(values, rules.layout.temperature_unit)
    else:
        unit = rules.layout.value_unit
        values = unit.converted(values, interval_minutes=rules.interval_minutes)
    mark_out_of_bounds(values, name, _BOUNDS[name], faults)
    return values


_BOUNDS: Final = {
    column.name: (
        -np.inf if column.minimum is None else column.minimum,
        MOST.get(column.name, np.inf if column.maximum is None else column.maximum),
    )
    for column in ENERGY_CONSUMPTION.columns
    if column.kind == "float"
}
