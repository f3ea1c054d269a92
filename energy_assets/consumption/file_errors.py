"""Faults of electricity and water files and of meter keys; each class writes the sentence."""

from collections.abc import Iterable

from energy_assets.intake.errors import MeterFileError


class MeterKeyError(ValueError):
    """A string is no key of an electricity or water meter."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"meter key {key[:120]!r} is unknown: write `electricity/` or `water/` and a meter id."
        )


class MisplacedFileError(MeterFileError):
    """A file lies in no folder of a meter type."""

    def __init__(self, object_key: str, prefix: str, known: Iterable[str]) -> None:
        folders = " or ".join(f"{prefix}{each}/" for each in known)
        super().__init__(object_key, "unknown meter type.", f"Move it to {folders}.")


class NamelessMeterError(MeterFileError):
    """A file of one meter has no name that could be the meter's."""

    def __init__(self, object_key: str) -> None:
        super().__init__(
            object_key, "the name holds no meter id.", "Name the file after its meter."
        )


class UnknownUnitError(MeterFileError):
    """A header states a unit that its quantity cannot have."""

    def __init__(self, object_key: str, header: str, unit: str, known: Iterable[str]) -> None:
        super().__init__(
            object_key,
            f"the column {header!r} has the unit {unit!r}.",
            f"Use one of {', '.join(known)}, or no unit for the one that is set.",
        )


class UnsupportedIntervalError(MeterFileError):
    """The values of a file lie closer together or further apart than any understood."""

    def __init__(self, object_key: str, seconds: float) -> None:
        super().__init__(
            object_key,
            f"its values are {seconds / 60:g} min apart.",
            "Send values for 5, 6, 10, 12, 15, 20, 30 or 60 minutes, for 2, 3, 4, 6, 8 or 12 "
            "hours, or for days; or send the cumulative register instead.",
        )


class HiddenIntervalError(MeterFileError):
    """The length of an interval matters, and the file does not show it."""

    def __init__(self, object_key: str, why: str) -> None:
        super().__init__(
            object_key,
            f"{why}, and the length of the interval does not show in its first rows.",
            "Upload a longer file of meters with one interval, or values in kWh or m3 that are "
            "labelled by the start.",
        )
