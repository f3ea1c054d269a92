"""Who serves: what is clearly better over a pool of series, or clearly better on one's own days.

Pure: errors come in. Which days they are of is decided in `contest_days`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasts.evidence import Evidence, Lead, Pool

CLEARLY: Final = 0.97
"""Another family takes over where it errs by less than this share of what serves now."""

POOL_CLEARLY: Final = 0.99
"""`CLEARLY` of a whole pool, whose many days show small differences."""

NAIVE_CLEARLY: Final = 0.9
"""A seasonal naive takes over from a model only where it errs by less than this share of it."""

SURE: Final = 2.0
"""And only where it errs less by more than this many standard errors of the difference."""


@dataclass(frozen=True, kw_only=True)
class Default:
    """The family that serves a pool of series, but for those with clear evidence of their own.

    Attributes:
        family: Its name.
        reason: Why.
        errors: Mean over series of the error of each family on the days that chose, in usual
            errors of each series; empty where the series were too few to be a pool.
    """

    family: str
    reason: str = ""
    errors: Mapping[str, float] = field(default_factory=dict[str, float])


def chosen(
    errors: Mapping[str, float],
    *,
    incumbent: str,
    doubts: Mapping[str, float] | None = None,
    clearly: float = CLEARLY,
) -> tuple[str, str]:
    """The family that is to serve, and why.

    Args:
        errors: Mean absolute error by family; NaN or absent where unknown.
        incumbent: The family that serves now.
        doubts: By family, the standard error of how much it errs less than the incumbent; none
            where it is absent.
        clearly: Share of the incumbent's error below which that of another model has to be.
    """
    known = {name: error for name, error in errors.items() if np.isfinite(error)}
    if incumbent not in known:
        models = [name for name in known if name not in BASELINES] or list(known)
        if not models:
            return incumbent, "no family has a score"
        incumbent = min(models, key=lambda name: known[name])
    own = known[incumbent]

    def margin(name: str) -> float:
        return NAIVE_CLEARLY if name in BASELINES and incumbent not in BASELINES else clearly

    unsure = doubts or {}
    better = [
        name
        for name, error in known.items()
        if error < margin(name) * own and own - error > SURE * unsure.get(name, 0.0)
    ]
    if not better:
        return incumbent, f"nothing clearly beats {incumbent} (MAE {own:.4g})"
    best = min(better, key=lambda name: known[name])
    return best, f"{best} (MAE {known[best]:.4g}) clearly beats {incumbent} (MAE {own:.4g})"


def pool_default(pool: Pool, now: str) -> Default:
    """The family that is to serve a pool.

    Args:
        pool: What the days that choose say of each series.
        now: The family that serves it now; kept where the series are too few to be a pool.
    """
    if not pool.is_one:
        return Default(family=now)
    errors = pool.errors()
    models = [name for name in errors if name not in BASELINES] or list(errors)
    held = now if now in errors else min(models, key=lambda name: errors[name])
    relative, doubts = dict(errors), dict.fromkeys(errors, np.inf)
    for name in errors:
        lead = pool.lead(name, held)
        if name != held and lead is not None:
            relative[name], doubts[name] = errors[held] - lead.mean.gain, lead.mean.doubt
    family, _ = chosen(relative, incumbent=held, doubts=doubts, clearly=POOL_CLEARLY)
    reason = f"nothing clearly beats {held} over {len(pool.series)} series"
    if family != held:
        share = 100.0 * (1.0 - relative[family] / relative[held])
        reason = f"{family} errs {share:.1f} % less than {held} over {len(pool.series)} series"
    return Default(family=family, reason=reason, errors=errors)


def series_choice(
    own: Evidence | None,
    pool: Pool,
    *,
    champion: str | None,
    before: str,
    default: Default,
) -> tuple[str, str]:
    """The family that is to serve a series, and why.

    Args:
        own: What its days say; none where they are too few.
        pool: What those of all series say.
        champion: The family that serves it now, if a contest ever chose one.
        before: The default before this contest: who was served by it goes with the default.
        default: The default from now on.
    """
    served = champion or before
    if own is None:
        return default.family if served == before else served, "too few held-out days to choose by"
    held = _incumbent(own, pool, served=served, before=before, default=default)
    errors, doubts = dict(own.errors), dict[str, float]()
    for name in own.errors:
        if name == held or not own.knows(name, held):
            continue
        lead = _lead(own, pool, name, held)
        errors[name], doubts[name] = own.errors[held] - lead.gain, lead.doubt
    family, reason = chosen(errors, incumbent=held, doubts=doubts)
    moved = family == default.family != served
    return family, default.reason if moved and default.errors else reason


def _incumbent(own: Evidence, pool: Pool, *, served: str, before: str, default: Default) -> str:
    """The family that others have to beat clearly.

    A series that left the default goes back as soon as it is not worse there: what serves a series
    alone has to be better than what serves the others.
    """
    if served == before or not own.knows(served):
        return default.family
    if served != default.family and own.knows(default.family):
        lead = pool.lead(default.family, served)
        if lead is not None and lead.of_series(own, default.family, served).gain >= 0.0:
            return default.family
    return served


def _lead(own: Evidence, pool: Pool, family: str, over: str) -> Lead:
    """How much less a family errs than another one within a series, in its unit."""
    lead = pool.lead(family, over)
    found = own.alone(family, over) if lead is None else lead.of_series(own, family, over)
    return Lead(gain=found.gain * own.usual, doubt=found.doubt * own.usual)
