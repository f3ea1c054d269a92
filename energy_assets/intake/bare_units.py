"""Whether a header that ends in a unit can be the consumption, whatever it is called.

`PJME_MW` and `kWh` can; `Price per kWh`, `Export kWh`, `Peak kW` and `10 kWh` are something else.
"""

import re
from typing import Final

from energy_assets.intake.units import unit_named

OTHER_THINGS: Final = re.compile(
    r"cost|price|tariff|rate\b|rates\b|charge|amount due|bill|fee\b|budget|target|forecast|"
    r"predict|estimated? (?:cost|bill)|export|generat|produc|solar|\bpv\b|photovolt|feed.?in|"
    r"inject|return|receiv|surplus|einspeis|erzeug|rücklief|injekt|peak|maxim|minim|\bmax|\bmin\b|"
    r"reactive|apparent|capacity|limit|thresh|saving|baseline|battery|kosten|preis|"
    r"prix|coste|precio|kost|co2|carbon|\bper\b|register|reading|counter|\bindex",
    re.IGNORECASE,
)
"""Words of columns that are not what a meter's customer used."""

MULTIPLES: Final = re.compile(
    r"(?:^|[\s(\[])(?:0?[.,]\d+|[x×*]?\s*10+(?:[.,]0+)?)(?=[\s)\]]|$)|[x×*/]\s*\d|"
    r"'000|000s|\btsd|\bthousand|\bhundred|\bmio|\bmillion|\bmiles\b|\bmilliers",
    re.IGNORECASE,
)
"""Factors that a unit does not show: `10 kWh`, `Tsd. kWh`, `(kWh) x1000`."""


def may_be_consumption(header: str) -> bool:
    """Whether a header without a known name, which states a unit, may mean the consumption."""
    if OTHER_THINGS.search(header.replace("_", " ")) or MULTIPLES.search(header):
        return False
    words = re.split(r"[\s_,:;()\[\]{}\-]+", header)
    units = {unit for word in words if len(word) > 1 and (unit := unit_named(word)) is not None}
    return len(units) < 2
