"""What a header may say: a name without its unit, and the unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from energy_assets.intake.units import UNITS, Unit, unit_named

_IN_BRACKETS: Final = re.compile(r"(.*?)\s*[(\[{]\s*([^)\]}]*?)\s*[)\]}]\s*(.*)", re.DOTALL)
_LONGEST: Final = max(map(len, UNITS))


@dataclass(frozen=True, kw_only=True)
class HeaderReading:
    """One way to read a header.

    Attributes:
        name: Without case, blanks, signs and unit: `importkwh`.
        unit: The unit that it states.
        note: What stands in brackets and is no unit.
        unit_text: The unit as it stands there.
    """

    name: str
    unit: Unit | None = None
    note: str = ""
    unit_text: str = ""


def normalised(text: str) -> str:
    """A header without case, blanks, dots, underscores and an unclosed bracket: `importkwh`."""
    whole = text.lstrip("\ufeff")
    cut = whole.split("(")[0] if ")" not in whole else whole
    return re.sub(r"[^a-z0-9]", "", cut.lower())


@lru_cache(maxsize=4_096)
def readings_of(text: str) -> tuple[HeaderReading, ...]:
    """The ways to read a header, the likeliest first.

    What stands in brackets is a unit or a note. Without brackets the whole may be a name, or its
    end a unit: `PJME_MW`, `Usage in kWh`, `usagekwh`.
    """
    return tuple(_readings(text))


def _readings(text: str) -> Iterator[HeaderReading]:
    bare = text.lstrip("\ufeff").strip()
    if match := _IN_BRACKETS.fullmatch(bare):
        name, unit = normalised(f"{match[1]} {match[3]}"), unit_named(match[2])
        yield HeaderReading(name=name, unit=unit, note="" if unit else match[2], unit_text=match[2])
        return
    whole = normalised(bare)
    yield HeaderReading(name=whole)
    if (unit := unit_named(bare)) is not None:
        yield HeaderReading(name="", unit=unit, unit_text=bare)
    words = [word for word in re.split(r"[\s_,:\-]+", bare) if word]
    for count in (2, 1):
        unit = unit_named(" ".join(words[-count:]))
        if unit is not None and len(words) > count:
            head = words[:-count]
            head = head[:-1] if head[-1].lower() == "in" and len(head) > 1 else head
            yield HeaderReading(
                name=normalised(" ".join(head)), unit=unit, unit_text=" ".join(words[-count:])
            )
    for length in range(min(_LONGEST, len(whole) - 1), 1, -1):
        tail = whole[-length:]
        if tail in UNITS and not whole.isdigit():
            yield HeaderReading(name=whole[:-length], unit=UNITS[tail], unit_text=tail)
