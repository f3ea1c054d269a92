"""Contracts of who is metered: customers, their meters, and whose a meter has been."""

from typing import Final

from resources.tables import Column, Index, Table

CUSTOMERS: Final = Table(
    name="customers",
    meaning="Customers seen in meter files.",
    columns=(
        Column(
            name="customer_ref",
            kind="str",
            paths=("_id", "customerRef"),
            meaning="Customer reference without leading zeros.",
            integers=True,
        ),
        Column(
            name="exported_as",
            kind="str",
            paths=("exportedAs",),
            nullable=True,
            meaning="The reference as first exported, leading zeros included.",
        ),
        Column(name="first_name", kind="str", paths=("firstName",), nullable=True),
        Column(name="last_name", kind="str", paths=("lastName",), nullable=True),
        Column(name="email", kind="str", nullable=True),
        Column(name="created_at", kind="instant", paths=("createdAt",), nullable=True),
        Column(name="updated_at", kind="instant", paths=("updatedAt",), nullable=True),
    ),
    key=("customer_ref",),
    indexes=(Index(columns=("email",)), Index(columns=("updated_at",))),
)
"""One row per customer."""

METERS: Final = Table(
    name="meters",
    meaning="Meters seen in meter files, and whose they are now.",
    columns=(
        Column(
            name="serial",
            kind="str",
            paths=("_id",),
            meaning="Serial without leading zeros.",
            integers=True,
        ),
        Column(
            name="customer_ref",
            kind="str",
            paths=("customerRef",),
            meaning="The customer of its newest reading.",
            integers=True,
        ),
        Column(
            name="exported_as",
            kind="str",
            paths=("exportedAs",),
            nullable=True,
            meaning="The serial as first exported, leading zeros included.",
        ),
        Column(
            name="interval_minutes",
            kind="int",
            paths=("intervalMinutes",),
            nullable=True,
            unit="min",
            meaning="Interval found from the data: 15, 30 or 60.",
        ),
        Column(
            name="clock",
            kind="str",
            nullable=True,
            meaning="`utc`, `local:<zone>` or `standard:<offset>`.",
        ),
        Column(
            name="last_reading_at",
            kind="instant",
            paths=("lastReadingAt",),
            nullable=True,
            meaning="Its newest reading.",
        ),
        Column(name="created_at", kind="instant", paths=("createdAt",), nullable=True),
        Column(name="updated_at", kind="instant", paths=("updatedAt",), nullable=True),
    ),
    key=("serial",),
    indexes=(Index(columns=("customer_ref",)),),
)
"""One row per meter."""

METER_CUSTOMERS: Final = Table(
    name="meter_customers",
    meaning="Whose readings of each meter there are: a meter that is used again has several.",
    columns=(
        Column(
            name="serial",
            kind="str",
            paths=("serial",),
            meaning="Meter serial without leading zeros.",
        ),
        Column(
            name="customer_ref",
            kind="str",
            paths=("customerRef",),
            meaning="A customer of some of its readings.",
        ),
        Column(name="created_at", kind="instant", paths=("createdAt",)),
    ),
    key=("serial", "customer_ref"),
    indexes=(Index(columns=("customer_ref",)),),
)
"""One row per meter and customer that it has had."""
