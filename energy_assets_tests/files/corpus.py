"""All families of meter files."""

from energy_assets_tests.files import date_orders, header_units
from energy_assets_tests.files.cases import Case

FAMILIES: dict[str, list[Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES for module in (date_orders, header_units)
}
"""Cases by the family that they belong to."""
