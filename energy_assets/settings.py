"""Every setting with its default; the only reader of the environment.

Each field is an environment variable of the same name in capitals (also read from `.env`), and
`.env.example` names them all. What production must set is checked where it is first needed.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from energy_assets.published_names import SettingsConflictError, with_published_names

PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent
"""The folder that holds pyproject.toml: relative paths in settings start here."""

Clock = Annotated[str, StringConstraints(pattern=r"^(utc|local:[\w+\-/]+|standard:[+-]\d\d:\d\d)$")]
"""How meter files tell time: `utc`, `local:Europe/London` or `standard:+05:30`."""


class MissingSettingsError(ValueError):
    """A part was used whose settings are not set."""

    def __init__(self, purpose: str, names: list[str]) -> None:
        super().__init__(
            f"{purpose} needs {', '.join(names)}: not set in the environment or in .env. "
            f".env.example shows each with its meaning."
        )


class Settings(BaseSettings):
    """What can be configured, with defaults that need no server."""

    # A refusal never shows what was given: that would be passwords too.
    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    object_store: str = Field(
        default="data/objects", description="A folder, or s3://BUCKET[/PREFIX]."
    )
    document_store: str = Field(
        default="sqlite:///data/energy_assets.db",
        description="sqlite:///FILE, postgresql://…, mongodb://… or mongodb+srv://…",
    )
    series_store: str = Field(
        default="sqlite:///data/energy_series.db",
        description="sqlite:///FILE or postgresql://…; InfluxDB by its four settings below.",
    )
    load_profiles_prefix: str = Field(
        default="raw/load_profiles/", description="Where meter files arrive."
    )
    consumption_prefix: str = Field(
        default="raw/consumption/", description="Where electricity and water files arrive."
    )
    db_name: str = Field(default="load_profiles_db", description="MongoDB database.")
    db_host: str = Field(default="", description="MongoDB host; with DB_PORT, instead of a URL.")
    db_port: int = Field(default=27017, ge=1, le=65535, description="MongoDB port.")
    db_username: str = Field(default="", description="MongoDB user.")
    db_password: SecretStr = Field(default=SecretStr(""), description="MongoDB password.")
    influxdb_url: str = Field(
        default="", description="InfluxDB, http://HOST:8086; takes the place of SERIES_STORE."
    )
    influxdb_token: SecretStr = Field(default=SecretStr(""), description="InfluxDB token.")
    influxdb_org: str = Field(default="", description="InfluxDB organisation.")
    influxdb_bucket: str = Field(default="energy", description="InfluxDB bucket.")
    source_token: SecretStr = Field(
        default=SecretStr(""), description="Token of an InfluxDB that values are taken over from."
    )
    aws_access_key_id: str = Field(default="", description="S3 access key.")
    aws_secret_access_key: SecretStr = Field(default=SecretStr(""), description="S3 secret key.")
    aws_region: str = Field(default="", description="S3 region.")
    aws_endpoint_url: str = Field(default="", description="S3 endpoint of Ceph, Garage and others.")
    s3_bucket_name: str = Field(default="", description="The same as OBJECT_STORE=s3://NAME.")
    s3_bucket_prefix: str = Field(default="", description="The same as LOAD_PROFILES_PREFIX.")
    s3_prefix: str = Field(default="", description="The same as LOAD_PROFILES_PREFIX.")
    influx_url: str = Field(default="", description="The same as INFLUXDB_URL.")
    influx_token: SecretStr = Field(
        default=SecretStr(""), description="The same as INFLUXDB_TOKEN, beside INFLUX_URL only."
    )
    influx_org: str = Field(
        default="", description="The same as INFLUXDB_ORG, beside INFLUX_URL only."
    )
    influx_bucket: str = Field(
        default="", description="The same as INFLUXDB_BUCKET, beside INFLUX_URL only."
    )
    meter_clock: Clock = Field(
        default="standard:+05:30", description="How load-profile files tell time."
    )
    interval_label: Literal["end", "start"] = Field(
        default="end", description="Whether a file's times mark an interval's end or its start."
    )
    consumption_clock: Clock = Field(
        default="standard:+05:30", description="How electricity and water files tell time."
    )
    consumption_label: Literal["end", "start"] = Field(
        default="start", description="Whether their times mark an interval's start or its end."
    )
    electricity_unit: Literal["Wh", "kWh", "MWh"] = Field(
        default="kWh", description="Unit of electricity files that name none."
    )
    water_unit: Literal["l", "m3"] = Field(
        default="m3", description="Unit of water files that name none."
    )
    display_zone: str = Field(
        default="Asia/Colombo", description="Zone of calendar features, plots and reports."
    )
    ingest_chunk_rows: int = Field(default=100_000, ge=1_000, description="Rows held at a time.")
    history_days: int = Field(
        default=400, ge=15, description="Days of readings that models look at."
    )
    consumption_history_days: int = Field(
        default=1_200, ge=28, description="Days of consumption that models look at."
    )
    location_city: str = Field(default="Colombo", description="Name of the default location.")
    location_lat: float = Field(default=6.93, ge=-90, le=90, description="Its latitude.")
    location_lon: float = Field(default=79.86, ge=-180, le=180, description="Its longitude.")
    location_country: str = Field(
        default="LK", description="Country whose public holidays count there, ISO 3166."
    )
    weather_provider: Literal[
        "climate_normal", "open_meteo", "openweathermap", "visual_crossing"
    ] = Field(
        default="climate_normal",
        description="climate_normal (offline), open_meteo, openweathermap or visual_crossing.",
    )
    weather_history_days: int = Field(
        default=400, ge=0, description="Days of measured weather fetched for a new location."
    )
    openweathermap_api_key: SecretStr = Field(default=SecretStr(""))
    visual_crossing_api_key: SecretStr = Field(default=SecretStr(""))
    visual_crossing_base_url: str = Field(
        default="https://weather.visualcrossing.com/VisualCrossingWebServices/rest/services/timeline"
    )
    weather_cron: str = Field(default="10 */3 * * *", description="Weather, UTC.")
    tune_trials: int = Field(
        default=0, ge=0, description="Trials of the search for tree parameters; 0: documented ones."
    )
    tune_seconds: float = Field(
        default=60, gt=0, description="Longest search of one meter's tree parameters. [s]"
    )
    sensor_page_objects: int = Field(
        default=20_000, ge=1, description="Objects that one sensor tick looks at."
    )
    nightly_cron: str = Field(default="15 0 * * *", description="Nightly forecast, display zone.")
    retrain_cron: str = Field(default="0 2 * * 0", description="Training, display zone.")
    scores_cron: str = Field(
        default="45 5 * * *", description="Scores of issued forecasts, display zone."
    )
    quality: Literal["auto", "fast", "accurate"] = Field(
        default="auto",
        description="fast: one family a series; accurate: several and their combination; auto: "
        "accurate up to 1,000 series of a flow.",
    )
    train_device: Literal["cpu", "cuda"] = Field(
        default="cpu", description="Where models are trained."
    )
    train_workers: int = Field(default=0, ge=0, description="Training processes; 0: one a core.")
    seed: int = Field(default=20_240_101, ge=0, description="Seed of everything random.")
    shared_model_days: int = Field(
        default=7, ge=1, description="Age of its newest data at which the shared model is renewed."
    )
    dagster_home: str = Field(
        default="", description="Where Dagster keeps runs and dagster.yaml; it reads this itself."
    )
    log_dir: Path = Field(default=Path("logs"), description="Folder of the JSON log.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO")
    log_max_bytes: int = Field(default=10 << 20, ge=1 << 16, description="A log file's size bound.")
    log_max_days: int = Field(default=14, ge=1, description="Age at which log files are deleted.")

    @model_validator(mode="before")
    @classmethod
    def _published_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        return with_published_names(given)

    @model_validator(mode="after")
    def _prefixes_apart(self) -> Self:
        prefixes = (self.load_profiles_prefix, self.consumption_prefix)
        if prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0]):
            names = ("load_profiles_prefix", "consumption_prefix")
            problem = f"overlap: {prefixes[0]} and {prefixes[1]}"
            raise SettingsConflictError(
                names, problem, "Give each flow a folder of its own in the object store"
            )
        return self

    def document_store_url(self) -> str:
        """The document store's URL; DB_HOST and its companions make one for MongoDB.

        Raises:
            MissingSettingsError: Only a part of the MongoDB credentials is set.
        """
        if not self.db_host:
            return _sqlite_in_project(self.document_store)
        from urllib.parse import quote

        password = self.db_password.get_secret_value()
        if bool(self.db_username) != bool(password):
            missing = "DB_PASSWORD" if self.db_username else "DB_USERNAME"
            raise MissingSettingsError("the MongoDB document store", [missing])
        user = f"{quote(self.db_username, safe='')}:{quote(password, safe='')}@" if password else ""
        source = "?authSource=admin" if password else ""
        return f"mongodb://{user}{self.db_host}:{self.db_port}/{self.db_name}{source}"

    def series_store_url(self) -> str:
        """The series store's URL: InfluxDB's where it is set."""
        return self.influxdb_url or _sqlite_in_project(self.series_store)

    def series_store_options(self) -> dict[str, str]:
        """What InfluxDB needs beside its URL, nothing for another store.

        Raises:
            MissingSettingsError: InfluxDB is chosen and its token, organisation or bucket is not.
        """
        if not self.influxdb_url:
            return {}
        options = {
            "token": self.influxdb_token.get_secret_value(),
            "org": self.influxdb_org,
            "bucket": self.influxdb_bucket,
        }
        missing = [f"INFLUXDB_{name.upper()}" for name, value in options.items() if not value]
        if missing:
            raise MissingSettingsError("the series store InfluxDB", missing)
        return options

    def object_store_url(self) -> str:
        """The object store's URL; a folder becomes absolute."""
        if "://" in self.object_store:
            return self.object_store
        return (PROJECT_ROOT / self.object_store).as_uri()

    def object_store_options(self) -> dict[str, str]:
        """Access options of an S3 store, none for a folder.

        Raises:
            MissingSettingsError: The store is S3 and credentials or region are not set.
        """
        if not self.object_store.startswith("s3://"):
            return {}
        wanted = {
            "AWS_ACCESS_KEY_ID": self.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.aws_secret_access_key.get_secret_value(),
            "AWS_REGION": self.aws_region,
        }
        missing = [name for name, value in wanted.items() if not value]
        if missing:
            raise MissingSettingsError(f"the object store {self.object_store}", missing)
        options = {
            "access_key_id": wanted["AWS_ACCESS_KEY_ID"],
            "secret_access_key": wanted["AWS_SECRET_ACCESS_KEY"],
            "region": wanted["AWS_REGION"],
        }
        if self.aws_endpoint_url:
            options["endpoint"] = self.aws_endpoint_url
            options["allow_http"] = str(self.aws_endpoint_url.startswith("http://")).lower()
        return options


def _sqlite_in_project(url: str) -> str:
    match = re.fullmatch(r"sqlite:///(?!/)(.+)", url)
    return f"sqlite:///{PROJECT_ROOT / match[1]}" if match else url


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
