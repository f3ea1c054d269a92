"""The log of champions: which family serves a series, the one before it, pins and rollbacks.

Nothing is compared here (`contest`). A series without an entry is served by its flow's own family.
The default of a pool of series, which its contests start from, is logged in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from energy_assets.contracts.champions import CHAMPIONS
from energy_assets.contracts.validation import validated
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasts.choice import Default
from energy_assets.forecasts.contest import Contest
from resources.document_store import DocumentStore
from resources.tables import Filter

BATCH_SERIES: Final = 500
"""Series that one query asks about."""

POOLS: Final = ":pools"
"""How the name of a flow ends under which the defaults of its pools are logged."""

FAMILIES: Final = ("bilstm", "xgboost", "kernel", "pooled", "combination", *BASELINES)
"""Names of what can serve a series."""


class UnknownFamilyError(ValueError):
    """No family has this name."""

    def __init__(self, family: str) -> None:
        super().__init__(
            f"no family is called {family!r}; one of these can serve: {', '.join(FAMILIES)}"
        )


class NoChampionError(LookupError):
    """A series has no champion to go back to."""

    def __init__(self, flow: str, key: str) -> None:
        super().__init__(
            f"{flow} series {key}: no family served it before today's; there is nothing to roll "
            f"back to. Pin a family instead."
        )


@dataclass(frozen=True, kw_only=True)
class Champion:
    """Who serves a series.

    Attributes:
        family: The family that serves.
        previous: The family that served before it, if there was one.
        pinned: Whether a person chose it.
        reason: Why.
    """

    family: str
    previous: str | None
    pinned: bool
    reason: str


@dataclass(frozen=True)
class ChampionLog:
    """The champions of one flow in a document store."""

    documents: DocumentStore
    flow: str

    def of(self, keys: Sequence[str]) -> dict[str, Champion]:
        """The champion of each series that has one."""
        found: dict[str, Champion] = {}
        for start in range(0, len(keys), BATCH_SERIES):
            rows = self.documents.read(
                CHAMPIONS,
                [
                    Filter("flow", "=", self.flow),
                    Filter("series_key", "in", list(keys[start : start + BATCH_SERIES])),
                ],
                order_by=["series_key", "decided_at"],
            )
            newest = rows.drop_duplicates("series_key", keep="last")
            for row in newest.to_dict(orient="records"):
                previous = row["previous_family"]
                found[str(row["series_key"])] = Champion(
                    family=str(row["family"]),
                    previous=None if pd.isna(previous) else str(previous),
                    pinned=bool(row["pinned"]),
                    reason=str(row["reason"]),
                )
        return found

    def decide(self, contests: Mapping[str, Contest], *, decided_at: pd.Timestamp) -> int:
        """Write down who serves from now on; returns how many series changed their champion.

        A pinned champion stays, and what is as it was is not written again.
        """
        current = self.of(list(contests))
        changed: list[dict[str, object]] = []
        for key, contest in contests.items():
            now = current.get(key)
            if now is not None and (now.pinned or now.family == contest.champion):
                continue
            changed.append(
                self._row(
                    key,
                    contest.champion,
                    now,
                    reason=contest.reason,
                    errors=contest.errors,
                    decided_at=decided_at,
                )
            )
        self._write(changed)
        return len(changed)

    def defaults(self, pools: Sequence[str]) -> dict[str, Champion]:
        """The family that serves each pool of series, of those that have chosen one."""
        return self._of_pools.of(pools)

    def decide_defaults(self, defaults: Mapping[str, Default], *, decided_at: pd.Timestamp) -> int:
        """Write down what serves pools from now on; returns how many changed their default.

        Those whose series were too few to choose are left as they are.
        """
        contests = {
            pool: Contest(
                champion=one.family, reason=one.reason, errors=one.errors, rows=pd.DataFrame()
            )
            for pool, one in defaults.items()
            if one.errors
        }
        return self._of_pools.decide(contests, decided_at=decided_at)

    @property
    def _of_pools(self) -> "ChampionLog":
        return ChampionLog(self.documents, f"{self.flow}{POOLS}")

    def pin(self, key: str, family: str, *, decided_at: pd.Timestamp) -> None:
        """Let a family serve a series until it is released, whatever a contest says.

        Where it has no model of the series, the ladder below it serves until it has one.

        Raises:
            UnknownFamilyError: No family has this name.
        """
        if family not in FAMILIES:
            raise UnknownFamilyError(family)
        now = self.of([key]).get(key)
        row = self._row(key, family, now, reason="pinned", pinned=True, decided_at=decided_at)
        self._write([row])

    def release(self, key: str, *, decided_at: pd.Timestamp) -> None:
        """Let contests decide again; what serves now serves until one does."""
        now = self.of([key]).get(key)
        if now is not None and now.pinned:
            row = self._row(key, now.family, now, reason="released", decided_at=decided_at)
            self._write([row | {"previous_family": now.previous}])

    def rollback(self, key: str, *, decided_at: pd.Timestamp) -> str:
        """Let the previous champion serve a series, pinned; returns its family.

        Raises:
            NoChampionError: None served before.
        """
        now = self.of([key]).get(key)
        if now is None or now.previous is None:
            raise NoChampionError(self.flow, key)
        row = self._row(
            key, now.previous, now, reason="rolled back", pinned=True, decided_at=decided_at
        )
        self._write([row])
        return now.previous

    def _row(
        self,
        key: str,
        family: str,
        now: Champion | None,
        *,
        reason: str,
        decided_at: pd.Timestamp,
        errors: Mapping[str, float] | None = None,
        pinned: bool = False,
    ) -> dict[str, object]:
        previous = None
        if now is not None:
            previous = now.family if now.family != family else now.previous
        return {
            "flow": self.flow,
            "series_key": key,
            "decided_at": decided_at,
            "family": family,
            "previous_family": previous,
            "pinned": pinned,
            "reason": reason,
            "errors": {name: float(error) for name, error in (errors or {}).items()},
        }

    def _write(self, rows: list[dict[str, object]]) -> None:
        if rows:
            self.documents.insert_new(CHAMPIONS, validated(CHAMPIONS, pd.DataFrame(rows)))
