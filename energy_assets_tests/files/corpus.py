"""All families of meter files."""

from energy_assets_tests.files import (
    clock_nights,
    concatenations,
    date_orders,
    decimals,
    header_units,
    identifiers,
    overlaps,
    register_columns,
    time_columns,
    workbooks,
)
from energy_assets_tests.files.cases import Case

FAMILIES: dict[str, list[Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        clock_nights,
        concatenations,
        date_orders,
        decimals,
        header_units,
        identifiers,
        overlaps,
        register_columns,
        time_columns,
        workbooks,
    )
}
"""Cases by the family that they belong to."""
