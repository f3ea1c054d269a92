import logging

import dagster as dg
import pytest

from energy_assets_tests.automation.sample_meters import chain, delivered, pinned
from energy_assets_tests.estate import Estate


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def estate(tmp_path, instance):
    yield Estate(folder=tmp_path, instance=instance)
    logger = logging.getLogger("energy_assets")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Three meters with models and forecasts, and the run that made them; not to be changed."""
    with dg.DagsterInstance.ephemeral() as instance:
        estate = delivered(Estate(folder=tmp_path_factory.mktemp("trained"), instance=instance))
        yield estate, chain(pinned(estate, "electricity/house 1"))
