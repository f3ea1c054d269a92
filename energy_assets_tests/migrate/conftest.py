"""The servers of the published systems: the same as those of the store tests."""

from energy_assets_tests.resources.conftest import (  # noqa: F401 - fixtures
    influx_bucket,
    influx_shim,
    nx_server,
    nx_url,
)
