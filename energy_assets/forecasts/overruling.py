"""A person's word on who serves a series, on series that exist only; the log is in `champion`."""

import pandas as pd

from energy_assets.forecasts.champion import ChampionLog
from energy_assets.forecasts.flow import ForecastFlow


def pin(flow: ForecastFlow, key: str, family: str, *, decided_at: pd.Timestamp) -> None:
    """Let a family serve a series until it is released, see `ChampionLog.pin`.

    Raises:
        QuestionError: There is no such series; the sentence names near ones.
        UnknownFamilyError: No family has this name.
    """
    _log_of(flow, key).pin(key, family, decided_at=decided_at)


def release(flow: ForecastFlow, key: str, *, decided_at: pd.Timestamp) -> None:
    """Let contests decide again who serves a series.

    Raises:
        QuestionError: There is no such series; the sentence names near ones.
    """
    _log_of(flow, key).release(key, decided_at=decided_at)


def rollback(flow: ForecastFlow, key: str, *, decided_at: pd.Timestamp) -> str:
    """Let the previous champion serve a series, pinned; returns its family.

    Raises:
        QuestionError: There is no such series; the sentence names near ones.
        NoChampionError: None served before.
    """
    return _log_of(flow, key).rollback(key, decided_at=decided_at)


def _log_of(flow: ForecastFlow, key: str) -> ChampionLog:
    flow.require(key)
    return ChampionLog(flow.documents, flow.name)
