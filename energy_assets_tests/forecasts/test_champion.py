"""The log of champions on real stores."""

import pandas as pd
import pytest

from energy_assets.contracts.champions import CHAMPION_TABLES, CHAMPIONS
from energy_assets.forecasts.champion import ChampionLog, NoChampionError, UnknownFamilyError
from energy_assets.forecasts.contest import Contest


def at(day):
    return pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(days=day)


def contest(champion, **errors):
    return Contest(champion=champion, reason="because", errors=errors, rows=pd.DataFrame())


@pytest.fixture
def log(document_store):
    document_store.ensure(CHAMPION_TABLES)
    return ChampionLog(document_store, "consumption")


def test_a_promotion_is_kept_with_its_reason_and_who_served_before(log):
    assert log.of(["electricity/a"]) == {}
    assert log.decide({"electricity/a": contest("xgboost", xgboost=1.0)}, decided_at=at(0)) == 1
    assert log.decide({"electricity/a": contest("kernel", kernel=0.5)}, decided_at=at(7)) == 1
    champion = log.of(["electricity/a", "electricity/b"])["electricity/a"]
    assert (champion.family, champion.previous) == ("kernel", "xgboost")
    assert champion.reason == "because"
    rows = log.documents.read(CHAMPIONS, order_by=["decided_at"])
    assert rows["family"].tolist() == ["xgboost", "kernel"]
    assert rows["errors"].tolist() == [{"xgboost": 1.0}, {"kernel": 0.5}]


def test_what_stays_as_it_is_is_not_written_again(log):
    log.decide({"a": contest("xgboost")}, decided_at=at(0))
    assert log.decide({"a": contest("xgboost")}, decided_at=at(7)) == 0
    assert len(log.documents.read(CHAMPIONS)) == 1


def test_a_pinned_champion_stays_until_it_is_released(log):
    log.decide({"a": contest("xgboost")}, decided_at=at(0))
    log.pin("a", "naive_blend", decided_at=at(1))
    assert log.decide({"a": contest("xgboost")}, decided_at=at(2)) == 0
    assert log.of(["a"])["a"].family == "naive_blend"
    log.release("a", decided_at=at(3))
    assert log.of(["a"])["a"].family == "naive_blend"
    assert log.decide({"a": contest("xgboost")}, decided_at=at(4)) == 1
    champion = log.of(["a"])["a"]
    assert (champion.family, champion.previous, champion.pinned) == (
        "xgboost",
        "naive_blend",
        False,
    )


def test_a_pin_to_no_family_is_refused_and_names_those_that_there_are(log):
    with pytest.raises(UnknownFamilyError, match=r"'kernal'.*xgboost.*kernel.*naive_median_28"):
        log.pin("a", "kernal", decided_at=at(0))
    assert log.of(["a"]) == {}


def test_a_rollback_goes_to_the_one_before_and_stays_there(log):
    log.decide({"a": contest("xgboost")}, decided_at=at(0))
    with pytest.raises(NoChampionError, match="nothing to roll back to"):
        log.rollback("a", decided_at=at(1))
    log.decide({"a": contest("kernel")}, decided_at=at(1))
    assert log.rollback("a", decided_at=at(2)) == "xgboost"
    champion = log.of(["a"])["a"]
    assert (champion.family, champion.previous, champion.pinned) == ("xgboost", "kernel", True)
    assert log.decide({"a": contest("kernel")}, decided_at=at(3)) == 0


def test_flows_and_series_do_not_mix(log):
    other = ChampionLog(log.documents, "customer_load")
    log.decide({"a": contest("xgboost"), "b": contest("naive_blend")}, decided_at=at(0))
    other.decide({"a": contest("bilstm")}, decided_at=at(0))
    assert {key: one.family for key, one in log.of(["a", "b"]).items()} == {
        "a": "xgboost",
        "b": "naive_blend",
    }
    assert other.of(["a", "b"])["a"].family == "bilstm"
    assert "b" not in other.of(["a", "b"])
