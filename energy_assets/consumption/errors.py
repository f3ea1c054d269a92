"""Questions about meters that have no answer. Each class takes the facts and writes the sentence.

Faults of files are in `intake.errors`.
"""

from collections.abc import Collection
from typing import get_args

from energy_assets.contracts.consumption import METER_TYPES, MeterType
from energy_assets.forecasts.errors import QuestionError, near_names, shown


class UnknownMeterTypeError(QuestionError):
    """There is no such kind of meter."""

    def __init__(self, meter_type: str) -> None:
        super().__init__(
            f"meter type {shown(meter_type)} is not known. Use one of: {', '.join(METER_TYPES)}."
        )


class UnknownMeterError(QuestionError, LookupError):
    """There is no such meter.

    Attributes:
        near: Known meters of that type with a similar name.
    """

    def __init__(self, meter_type: str, meter_id: str, known: Collection[str]) -> None:
        self.near = near_names(meter_id, known)
        hint = "No meter of this type is known yet."
        if self.near:
            hint = f"Did you mean {' or '.join(shown(name) for name in self.near)}?"
        elif known:
            hint = f"{len(known)} other {meter_type} meters are known."
        super().__init__(
            f"{meter_type} meter {shown(meter_id)} is not known. {hint} A meter is known once a "
            f"file under raw/consumption/{meter_type}/ was read."
        )


def checked_meter_type(meter_type: str) -> MeterType:
    """The meter type, if there is one of that name.

    Raises:
        UnknownMeterTypeError: There is none.
    """
    for known in get_args(MeterType):
        if meter_type == known:
            return known
    raise UnknownMeterTypeError(meter_type)
