"""Settings under the names of the published systems, which count as this project's own.

A value that stands under two names and differs is refused: nothing chooses between them.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr

PREFIXES: Final = ("s3_bucket_prefix", "s3_prefix")
"""Published names of `load_profiles_prefix`: where meter files arrive in the bucket."""

INFLUX: Final = {
    "influx_url": "influxdb_url",
    "influx_token": "influxdb_token",
    "influx_org": "influxdb_org",
    "influx_bucket": "influxdb_bucket",
}
"""Published names of InfluxDB's settings, and the project's. The command line of InfluxDB itself
uses some of them, so they count only beside the first."""


class SettingsConflictError(ValueError):
    """Two names give two values for one thing, or a value that the other name would not mean."""

    def __init__(self, names: tuple[str, ...], problem: str, remedy: str) -> None:
        super().__init__(f"{' and '.join(name.upper() for name in names)} {problem}. {remedy}")


def with_published_names(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings given, with published names carried over to the project's.

    Args:
        given: Settings by name in small letters; those that are absent have their default.

    Raises:
        SettingsConflictError: Names disagree, or a published one holds what it cannot mean.
    """
    settings = {name: value for name, value in given.items() if value not in (None, "")}
    _take_bucket(settings)
    for name in PREFIXES:
        if str(settings.get(name, "")).startswith("/"):
            remedy = f"Write {name.upper()}={str(settings[name]).lstrip('/')}"
            raise SettingsConflictError((name,), "begins with a slash, as no key does", remedy)
    if all(name in settings for name in PREFIXES):
        _take(settings, *PREFIXES)
    for name in PREFIXES:
        _take(settings, name, "load_profiles_prefix")
    if "influx_url" in settings:
        for name, own in INFLUX.items():
            _take(settings, name, own)
    return settings


def _take_bucket(settings: dict[str, Any]) -> None:
    bucket = settings.get("s3_bucket_name")
    if bucket is None:
        return
    if "/" in bucket or ":" in bucket:
        remedy = "Write the name alone, or the whole address as OBJECT_STORE=s3://BUCKET/PREFIX"
        raise SettingsConflictError(("s3_bucket_name",), f"is no bucket's name: {bucket}", remedy)
    store = settings.setdefault("object_store", f"s3://{bucket}")
    if f"{store}/".startswith(f"s3://{bucket}/"):
        return
    problem = f"disagree: {store} is not in the bucket {bucket}"
    remedy = f"Leave one of them out; S3_BUCKET_NAME={bucket} means OBJECT_STORE=s3://{bucket}"
    raise SettingsConflictError(("object_store", "s3_bucket_name"), problem, remedy)


def _take(settings: dict[str, Any], name: str, own: str) -> None:
    """Carry a published name's value over to the project's own name."""
    value = settings.get(name)
    if value is None or _plain(settings.setdefault(own, value)) == _plain(value):
        return
    remedy = f"Leave one of them out; {name.upper()} means {own.upper()}"
    raise SettingsConflictError((own, name), "disagree", remedy)


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
