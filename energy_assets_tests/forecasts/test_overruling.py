"""Who serves a series by a person's word: of series that exist only."""

import pandas as pd
import pytest

from energy_assets.contracts.champions import CHAMPIONS
from energy_assets.forecasts.champion import ChampionLog, NoChampionError, UnknownFamilyError
from energy_assets.forecasts.errors import QuestionError
from energy_assets.forecasts.overruling import pin, release, rollback
from energy_assets_tests.forecasts import issued_customer, issued_meter

NOW = pd.Timestamp("2026-03-01", tz="UTC")
HOUR = pd.Timedelta(hours=1)


@pytest.fixture(params=["meter", "customer"])
def flow_and_key(request, tmp_path):
    if request.param == "meter":
        world = issued_meter.meter_world(tmp_path)
        yield world.flow, issued_meter.KEY
        world.series.close()
    else:
        world = issued_customer.customer_world(tmp_path)
        yield world.flow, issued_customer.KEY
    world.documents.close()


def test_a_pinned_family_serves_until_it_is_rolled_back_or_released(flow_and_key):
    flow, key = flow_and_key

    pin(flow, key, "kernel", decided_at=NOW)
    pin(flow, key, "naive_blend", decided_at=NOW + HOUR)
    assert rollback(flow, key, decided_at=NOW + 2 * HOUR) == "kernel"
    release(flow, key, decided_at=NOW + 3 * HOUR)

    champion = ChampionLog(flow.documents, flow.name).of([key])[key]
    assert (champion.family, champion.previous) == ("kernel", "naive_blend")
    assert not champion.pinned


@pytest.mark.parametrize("change", [pin, release, rollback])
def test_a_series_that_does_not_exist_is_refused_with_near_names_and_nothing_is_written(
    flow_and_key, change
):
    flow, key = flow_and_key
    near = key.rpartition("/")[2]
    arguments = ("kernel",) if change is pin else ()

    with pytest.raises(QuestionError, match=f"Did you mean '{near}'"):
        change(flow, key + "x", *arguments, decided_at=NOW)
    with pytest.raises(QuestionError, match="lists them"):
        change(flow, key.rpartition("/")[0] + "/no such series at all", *arguments, decided_at=NOW)

    assert flow.documents.read(CHAMPIONS).empty


def test_families_and_missing_champions_are_refused_as_before(flow_and_key):
    flow, key = flow_and_key

    with pytest.raises(UnknownFamilyError):
        pin(flow, key, "prophet9", decided_at=NOW)
    with pytest.raises(NoChampionError):
        rollback(flow, key, decided_at=NOW)
