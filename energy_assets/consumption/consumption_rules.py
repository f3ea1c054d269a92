"""What a person says about electricity and water files, where the files themselves do not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from energy_assets.contracts.consumption import UNITS, MeterType
from energy_assets.intake.cells.clocks import MeterClock
from energy_assets.intake.file_kind import IntervalLabel

PREFIX: Final = "raw/consumption/"
"""Where electricity and water files arrive."""


@dataclass(frozen=True, kw_only=True)
class ConsumptionRules:
    """How electricity and water files are to be understood.

    Attributes:
        clock: The clock that their times show, where they state no UTC offset.
        label: Which end of its interval a time marks. A register is read at its time.
        units: Unit of each meter type's values where the header names none.
        prefix: Folder above those of the meter types.
        earliest: Values before this wall time are refused.
    """

    clock: MeterClock
    label: IntervalLabel = "start"
    units: Mapping[MeterType, str] = field(default_factory=lambda: UNITS)
    prefix: str = PREFIX
    earliest: datetime = datetime(2000, 1, 1, tzinfo=UTC)
