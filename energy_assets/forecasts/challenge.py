"""Challengers: other families and their combination, tried on the same days as a flow's own.

What `quality` means is decided here: `fast` tries nobody, `accurate` trains several families for
each series and averages them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from energy_assets.forecasting.averaging import COMBINATION
from energy_assets.forecasting.family import Family, Fitted, Model
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasting.series import Series
from energy_assets.forecasts.champion import Champion, ChampionLog
from energy_assets.forecasts.choice import Default
from energy_assets.forecasts.contest import Contest, held_contests
from energy_assets.forecasts.contest_days import Entry, LiveErrors
from energy_assets.forecasts.live_errors import live_errors
from energy_assets.forecasts.models import FamilyModels
from resources.document_store import DocumentStore

Quality = Literal["auto", "fast", "accurate"]
"""How much training a series is worth; `auto` depends on how many there are."""

FAST_ABOVE: Final = 1_000
"""Estates of more series than this are learned fast unless they are asked for accuracy."""


def is_accurate(quality: Quality, *, series: int) -> bool:
    """Whether an estate of so many series is worth several families for each of them."""
    return quality == "accurate" or (quality == "auto" and series <= FAST_ABOVE)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How families are made.

    Attributes:
        seed: Of everything random.
        workers: Series that are learned side by side.
        device: `cpu` or `cuda`, for networks.
    """

    seed: int
    workers: int = 1
    device: str = "cpu"


def families(recipe: Recipe) -> dict[str, Family]:
    """Every learned family by name, but for their combination."""
    from energy_assets.forecasting.bilstm import BiLstm
    from energy_assets.forecasting.boosting import Boosting
    from energy_assets.forecasting.kernel import Kernel
    from energy_assets.forecasting.pooled import Pooled

    made: tuple[Family, ...] = (
        BiLstm(seed=recipe.seed, device=recipe.device, workers=recipe.workers),
        Boosting(seed=recipe.seed, workers=recipe.workers),
        Kernel(),
        Pooled(seed=recipe.seed),
    )
    return {family.name: family for family in made}


def readers(recipe: Recipe) -> dict[str, Family]:
    """Every family that can be loaded from files, the combination among them."""
    from energy_assets.forecasting.ensemble import Combination

    members = families(recipe)
    return {**members, COMBINATION: Combination(members=tuple(members.values()))}


def challenged(
    series: Sequence[Series],
    *,
    own_family: str,
    own: Mapping[str, Fitted],
    recipe: Recipe,
    days: int,
) -> dict[str, dict[str, Fitted]]:
    """Models of every family of each series, by key and family.

    A family that does not reach as far as the flow forecasts is averaged with the others, and
    does not serve alone.

    Args:
        series: What may be learned from.
        own_family: Name of the flow's own family.
        own: Its models of these series, by key; they are not trained again.
        recipe: How the others are made.
        days: How far ahead the flow forecasts. [d]
    """
    from energy_assets.forecasting.ensemble import combined

    by_family: dict[str, Mapping[str, Fitted]] = {own_family: own}
    too_short: list[str] = []
    for name, family in families(recipe).items():
        if name != own_family:
            able = [one for one in series if not family.refusal(one)]
            by_family[name] = family.fit(able) if able else {}
        if family.reach_days < days:
            too_short.append(name)
    by_family[COMBINATION] = combined(series, by_family)
    for name in too_short:
        del by_family[name]
    return {
        one.key: {name: fitted[one.key] for name, fitted in by_family.items() if one.key in fitted}
        for one in series
    }


def decided(
    series: Sequence[Series],
    fitted: Mapping[str, Mapping[str, Fitted]],
    *,
    own_family: str,
    champions: ChampionLog,
    models: FamilyModels,
    decided_at: pd.Timestamp,
) -> dict[str, Contest]:
    """Hold the contests of series, keep the models of winners, and write down who serves.

    Series of one unit and interval are a pool, see `contest.held_contests`; the default of each
    pool is kept beside the champions. A run that trains a single series, or a few, leaves that
    default as it is, and they go by it as far as their own days do not clearly say otherwise.

    Models are kept before the log says that they serve: a crash between leaves who served before.

    Args:
        series: Everything known of each.
        fitted: Models by key and family, see `challenged`.
        own_family: Name of the flow's own family; its models are kept by the flow.
        champions: Log of the flow's champions.
        models: Models of other families.
        decided_at: The present, UTC.
    """
    keys = [one.key for one in series]
    current = champions.of(keys)
    live = live_errors(champions.documents, champions.flow, keys, now=decided_at)
    pools: dict[str, list[Entry]] = {}
    for one in series:
        entry = Entry(
            series=one,
            fitted=fitted[one.key],
            champion=current[one.key].family if one.key in current else None,
            live=live.get(one.key, LiveErrors()),
        )
        pools.setdefault(pool_of(one), []).append(entry)
    stored = champions.defaults(list(pools))
    contests: dict[str, Contest] = {}
    defaults: dict[str, Default] = {}
    for name, entries in pools.items():
        now = stored[name].family if name in stored else own_family
        decided_here, defaults[name] = held_contests(entries, default=now)
        contests |= decided_here
    for key, contest in contests.items():
        pinned = key in current and current[key].pinned
        serves = current[key].family if pinned else contest.champion
        if serves != own_family and serves in fitted[key]:
            models.keep(key, serves, fitted[key][serves].model, trained_at=decided_at)
    champions.decide(contests, decided_at=decided_at)
    champions.decide_defaults(defaults, decided_at=decided_at)
    return {one.key: contests[one.key] for one in series}


def pool_of(series: Series) -> str:
    """Name of the kind of series whose days say something of each other."""
    return f"{series.unit} by {series.interval_minutes} min"


def stored_models(
    champions: Mapping[str, Champion],
    *,
    own_family: str,
    documents: DocumentStore,
    flow: str,
    seed: int,
) -> dict[str, dict[str, Model]]:
    """Models of champions and previous champions that are no flow's own, by key and family.

    No family is loaded where only the flow's own and seasonal naives serve.
    """
    found: dict[str, dict[str, Model]] = {}
    for step in ("family", "previous"):
        wanted = {key: getattr(one, step) for key, one in champions.items()}
        others = {
            key: str(family)
            for key, family in wanted.items()
            if family is not None and family != own_family and family not in BASELINES
        }
        if not others:
            continue
        models = FamilyModels(documents, flow, readers(Recipe(seed=seed)))
        for key, model in models.newest(others).items():
            found.setdefault(key, {})[others[key]] = model
    return found


def stored_model(documents: DocumentStore, flow: str, model_id: str, *, seed: int) -> Model | None:
    """A version of a challenger by the name that forecasts give it; nothing where it is not kept.

    Raises:
        ValueError: It cannot be read.
    """
    return FamilyModels(documents, flow, readers(Recipe(seed=seed))).by_id(model_id)
