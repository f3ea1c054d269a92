"""All families of meter files."""

from energy_assets_tests.files import (
    auxiliary_cells,
    clock_nights,
    concatenations,
    date_orders,
    decimals,
    green_button,
    header_units,
    identifiers,
    intervals,
    overlaps,
    register_columns,
    text_shapes,
    time_columns,
    wide_files,
    workbooks,
)
from energy_assets_tests.files.cases import Case

FAMILIES: dict[str, list[Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        auxiliary_cells,
        clock_nights,
        concatenations,
        date_orders,
        decimals,
        green_button,
        header_units,
        identifiers,
        intervals,
        overlaps,
        register_columns,
        text_shapes,
        time_columns,
        wide_files,
        workbooks,
    )
}
"""Cases by the family that they belong to."""
