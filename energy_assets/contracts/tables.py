"""Every table of the document store, for creating them and for the checks that walk over all."""

from typing import Final

from energy_assets.contracts.champions import CHAMPION_TABLES
from energy_assets.contracts.consumption import CONSUMPTION_METERS, LOCATIONS
from energy_assets.contracts.consumption_forecasts import CONSUMPTION_TABLES
from energy_assets.contracts.customers import CUSTOMERS, METER_CUSTOMERS, METERS
from energy_assets.contracts.forecasts import (
    CUSTOMER_MODEL,
    CUSTOMER_PREDICTION,
    CUSTOMER_SCORE,
    MODEL_VERSIONS,
)
from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.contracts.meter_files import PROCESSED_FILES, QUARANTINE
from energy_assets.contracts.readings import MEASUREMENTS
from resources.tables import Table

TABLES: Final[tuple[Table, ...]] = (
    CUSTOMERS,
    METERS,
    METER_CUSTOMERS,
    MEASUREMENTS,
    PROCESSED_FILES,
    QUARANTINE,
    CUSTOMER_MODEL,
    MODEL_VERSIONS,
    CUSTOMER_SCORE,
    CUSTOMER_PREDICTION,
    LOCATIONS,
    CONSUMPTION_METERS,
    *CONSUMPTION_TABLES,
    *CHAMPION_TABLES,
    FORECAST_SCORES,
)
"""All tables of the document store, in the order in which a new store gets them."""
