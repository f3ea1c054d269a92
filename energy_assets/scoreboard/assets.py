"""Live scores of all flows' forecasts, as one Dagster asset: a shell around `forecasts`."""

from collections.abc import Iterator
from typing import Final

import dagster as dg
import pandas as pd

from energy_assets.consumption.flow import MeterFlow
from energy_assets.consumption.forecast_assets import consumption_forecast
from energy_assets.contracts.ledger import FORECAST_SCORES
from energy_assets.customer_load.flow import CustomerFlow
from energy_assets.customer_load.forecast_assets import customer_forecast
from energy_assets.findings import check_result
from energy_assets.forecasts.issued import DAY
from energy_assets.forecasts.live_scores import score_issued
from energy_assets.markdown import markdown_table
from energy_assets.outages import retry_outages
from energy_assets.scoreboard.board import PARTS, SCORES, board, board_sums, together
from energy_assets.scoreboard.checks import evaluate_serving, series_sums
from energy_assets.settings import Settings
from resources.document_store import DocumentStore
from resources.stores import DocumentStoreResource, SeriesStoreResource
from resources.tables import Filter
from resources.wall_clock import WallClock

SHOWN_DAYS: Final = 28
"""The board in the metadata, and the check, are of lead days that began within so many days. [d]"""

SCORED_UNTIL: Final = "scored_until"
"""Metadata of a run: what was over by then is scored; the next one goes on from there."""


class ScoreConfig(dg.Config):
    """What a person may change for one run."""

    everything: bool = False
    """Look at all lead days of the last 30 days, also where no file came since the last run."""


@dg.asset(
    deps=[customer_forecast, consumption_forecast],
    check_specs=[
        dg.AssetCheckSpec(
            "serves_better_than_naive",
            asset="forecast_scores",
            description="No series' forecasts of the last 28 days lost clearly to a naive.",
        )
    ],
    group_name="scoreboard",
    kinds={"pandas", "mongodb"},
    owners=["team:energy-models"],
    tags={"layer": "scores"},
    code_version="1",
)
def forecast_scores(
    context: dg.AssetExecutionContext,
    config: ScoreConfig,
    document_store: dg.ResourceParam[DocumentStoreResource],
    series_store: dg.ResourceParam[SeriesStoreResource],
    settings: dg.ResourceParam[Settings],
    wall_clock: dg.ResourceParam[WallClock],
) -> dg.MaterializeResult:
    """Every issued forecast against what happened, by lead day, beside the seasonal naives.

    A lead day is scored once it is over, and again when a correction or a late value changes what
    happened in it, for 30 days. The naives know what was known when the forecast was issued.
    """
    now = pd.Timestamp(wall_clock()).floor("ms")
    since = None if config.everything else _scored_until(context)
    scored: dict[str, int] = {}
    with retry_outages(context):
        documents = document_store.open()
        customers = CustomerFlow(documents=documents, settings=settings)
        meters = MeterFlow(documents=documents, series=series_store.open(), settings=settings)
        for flow in (customers, meters):
            new = score_issued(flow, documents, now=now, since=since)
            scored[flow.name] = sum(len(rows) for rows in new)
        sums: list[pd.DataFrame] = []
        by_series: list[pd.DataFrame] = []
        for ledger in _days_of_ledger(documents, now=now):
            sums.append(board_sums(ledger, zone=settings.display_zone))
            by_series.append(series_sums(ledger))
    shown = board(together(sums, [*PARTS, "forecaster"]))
    return dg.MaterializeResult(
        metadata={
            SCORED_UNTIL: dg.MetadataValue.timestamp(now.to_pydatetime()),
            "rows_scored": dg.MetadataValue.int(sum(scored.values())),
            **{f"rows_scored_{flow}": dg.MetadataValue.int(rows) for flow, rows in scored.items()},
            "scoreboard": dg.MetadataValue.md(board_text(shown)),
        },
        check_results=[check_result("serves_better_than_naive", evaluate_serving(by_series))],
    )


def board_text(shown: pd.DataFrame) -> str:
    """The board for people, newest week first."""
    scores = [*SCORES, *(f"naive_{score}" for score in SCORES)]
    shares = [name for name in scores if not name.endswith(("mae", "winkler"))]
    rows = shown.sort_values("week", ascending=False, kind="stable")
    texts = {
        name: rows[name].map(lambda share: f"{share:.1%}", na_action="ignore") for name in shares
    }
    texts |= {
        name: rows[name].map(lambda value: f"{value:.4g}", na_action="ignore")
        for name in scores
        if name not in shares
    }
    week = pd.DatetimeIndex(rows["week"]).strftime("%Y-%m-%d")
    return markdown_table(rows.assign(**texts, week=week))


def _scored_until(context: dg.AssetExecutionContext) -> pd.Timestamp | None:
    """Until when the newest run scored everything; None where there was none."""
    event = context.instance.get_latest_materialization_event(context.asset_key)
    newest = event.asset_materialization if event is not None else None
    until = newest.metadata.get(SCORED_UNTIL) if newest is not None else None
    if not isinstance(until, dg.TimestampMetadataValue):
        return None
    return pd.Timestamp(until.value, unit="s", tz="UTC").round("ms")


def _days_of_ledger(documents: DocumentStore, *, now: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """The ledger of the days shown, one day of first intervals at a time."""
    for ago in range(SHOWN_DAYS, 0, -1):
        first = now - ago * DAY
        day = [Filter("valid_at", ">=", first), Filter("valid_at", "<", first + DAY)]
        rows = documents.read(FORECAST_SCORES, day)
        if len(rows):
            yield rows
