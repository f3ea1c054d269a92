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
