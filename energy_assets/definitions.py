"""The only place where energy meets the outside world: assets, resources, jobs, automation.

`build_defs(**overrides)` swaps one part and keeps the rest; `defs` is what Dagster loads.
"""

from typing import Any, Final

import dagster as dg

from energy_assets.automation.jobs import JOBS
from energy_assets.automation.schedules import SCHEDULES
from energy_assets.automation.sensors import SENSORS
from energy_assets.consumption.assets import CONSUMPTION_ASSETS
from energy_assets.contracts.consumption import SERIES_TABLES
from energy_assets.contracts.tables import TABLES
from energy_assets.customer_load.assets import CUSTOMER_LOAD_ASSETS
from energy_assets.customer_load.file_assets import measurements, meter_file
from energy_assets.logs import configure_logging
from energy_assets.scoreboard.assets import forecast_scores
from energy_assets.settings import PROJECT_ROOT, Settings, load_settings
from resources.parquet_io_manager import ParquetIOManager
from resources.stores import DocumentStoreResource, ObjectStoreResource, SeriesStoreResource
from resources.wall_clock import utc_now
from resources.weather import WeatherAccess, WeatherResource

FEATURES_PREFIX: Final = "features"
"""Where intermediate frames lie in the object store."""


def default_resources(settings: Settings) -> dict[str, Any]:
    """The resources that these settings describe, by name."""
    object_store = ObjectStoreResource(
        url=settings.object_store_url(), options=settings.object_store_options
    )
    return {
        "settings": settings,
        "wall_clock": utc_now,
        "object_store": object_store,
        "document_store": DocumentStoreResource(url=settings.document_store_url, tables=TABLES),
        "series_store": SeriesStoreResource(
            url=settings.series_store_url,
            options=settings.series_store_options,
            tables=SERIES_TABLES,
        ),
        "weather_provider": WeatherResource(
            name=settings.weather_provider,
            access=WeatherAccess(
                openweathermap_api_key=settings.openweathermap_api_key.get_secret_value(),
                visual_crossing_api_key=settings.visual_crossing_api_key.get_secret_value(),
                visual_crossing_base_url=settings.visual_crossing_base_url,
            ),
        ),
        "parquet": ParquetIOManager(object_store=object_store, prefix=FEATURES_PREFIX),
    }


def build_defs(*, settings: Settings | None = None, **overrides: Any) -> dg.Definitions:  # noqa: ANN401 - any resource
    """All definitions, with some resources swapped.

    Args:
        settings: Instead of those of the environment.
        **overrides: Resources by name (`object_store`, `document_store`, `series_store`,
            `weather_provider`, `parquet`, `wall_clock`), instead of those that the settings
            describe.
    """
    settings = settings or load_settings()
    configure_logging(
        folder=PROJECT_ROOT / settings.log_dir,
        level=settings.log_level,
        max_bytes=settings.log_max_bytes,
        max_days=settings.log_max_days,
    )
    return dg.Definitions(
        assets=[
            meter_file,
            measurements,
            *CUSTOMER_LOAD_ASSETS,
            *CONSUMPTION_ASSETS,
            forecast_scores,
        ],
        jobs=JOBS,
        sensors=SENSORS,
        schedules=SCHEDULES,
        resources={**default_resources(settings), **overrides},
        executor=dg.in_process_executor,
    )


defs: Final = build_defs()
"""What Dagster loads."""
