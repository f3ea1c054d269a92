"""Questions about meters that have no answer. Each class takes the facts and writes the sentence.

Faults of files are in `intake.errors`.
"""

from collections.abc import Collection
from typing import get_args

from energy_assets.contracts.consumption import METER_TYPES, MeterType
from energy_assets.forecasts.errors import QuestionError, UnknownSeriesError, shown


class UnknownMeterTypeError(QuestionError):
    """There is no such kind of meter."""

    def __init__(self, meter_type: str) -> None:
        super().__init__(
            f"meter type {shown(meter_type)} is not known. Use one of: {', '.join(METER_TYPES)}."
        )


class UnknownMeterError(UnknownSeriesError):
    """There is no such meter."""

    def __init__(self, meter_type: str, meter_id: str, known: Collection[str]) -> None:
        super().__init__(
            f"{meter_type} meter",
            meter_id,
            known,
            remedy=f"A meter is known once a file under raw/consumption/{meter_type}/ was read.",
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
