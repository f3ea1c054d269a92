"""The made-up meters of the demo estate: who has which one, and what happens to it.

Each customer has a role; the first twelve meet every oddity of real exports once.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from energy_assets.sample_data.habits import Kind

Restart = Literal["never", "reset", "swap"]
"""Whether the register starts at zero again: in the same meter, or in its replacement."""


@dataclass(frozen=True, kw_only=True)
class Meter:
    """One meter, and what happens to it during the sample period.

    Attributes:
        serial: Serial as exported, leading zeros included.
        customer_ref: Customer reference as exported.
        kind: Whose habits it measures.
        phases: Wired phases.
        interval_minutes: Minutes between two readings.
        first_register_kwh: Import register before the first interval. [kWh]
        solar_peak_kw: Peak of the roof behind it, zero for none. [kW]
        rolls_over: Whether its six-digit register passes zero halfway.
        restart: Whether its register restarts after two thirds of the period.
        next_serial: Serial of the meter that replaces it in a swap.
        silent_days: Length of one long gap in the middle. [d]
    """

    serial: str = ""
    customer_ref: str = ""
    kind: Kind = "household"
    phases: Literal[1, 3] = 1
    interval_minutes: Literal[15, 30, 60] = 15
    first_register_kwh: float = 4_210.0
    solar_peak_kw: float = 0.0
    rolls_over: bool = False
    restart: Restart = "never"
    next_serial: str = ""
    silent_days: float = 0.0


ROLES: Final[tuple[tuple[Meter, ...], ...]] = (
    (Meter(),),
    (Meter(phases=3),),
    (Meter(first_register_kwh=0.0), Meter(first_register_kwh=31_245.0)),
    (Meter(phases=3, solar_peak_kw=5.0),),
    (Meter(phases=3, kind="transformer", interval_minutes=30, first_register_kwh=88_000.0),),
    (Meter(interval_minutes=60),),
    (Meter(phases=3, kind="shop", rolls_over=True),),
    (Meter(restart="swap"),),
    (Meter(phases=3, kind="workshop", first_register_kwh=52_000.0),),
    (Meter(restart="reset"),),
    (Meter(silent_days=2.5),),
    (Meter(phases=3, kind="shop", first_register_kwh=9_800.0),),
)
"""The meters of the first twelve customers; later customers are plain households and shops."""


def estate_meters(customers: int) -> list[Meter]:
    """The meters of that many customers; a customer is the same in an estate of any size.

    Args:
        customers: How many, at least one.

    Returns:
        One or two meters a customer, in order of customer.
    """
    meters: list[Meter] = []
    for index in range(customers):
        for position, role in enumerate(_roles(index)):
            number = 90_000_001 + index * 10 + position
            meters.append(
                replace(
                    role,
                    serial=f"{number:012d}",
                    customer_ref=_customer_ref(index, role.kind),
                    next_serial=f"{number + 5:012d}" if role.restart == "swap" else "",
                )
            )
    return meters


def _roles(index: int) -> tuple[Meter, ...]:
    if index < len(ROLES):
        return ROLES[index]
    phases = 3 if index % 4 == 0 else 1
    return (Meter(kind="shop" if index % 8 == 0 else "household", phases=phases),)


def _customer_ref(index: int, kind: Kind) -> str:
    """Ten digits, some with a leading zero; a transformer's is text with a slash."""
    if kind == "transformer":
        return "071/XX0000"
    return f"{(900_000_001 if index % 2 == 0 else 1_900_000_001) + index:010d}"
