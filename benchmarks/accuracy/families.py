"""Which families meet: the project's own by name, the seasonal naives, and those that were asked.

A family is added by one line in `project_families`.
"""

from collections.abc import Mapping

from energy_assets.forecasting.bilstm.family import BiLstm
from energy_assets.forecasting.boosting import Boosting, TreeParams
from energy_assets.forecasting.ensemble import Combination
from energy_assets.forecasting.family import Family
from energy_assets.forecasting.kernel import Kernel, kernel_settings
from energy_assets.forecasting.naive import BASELINES
from energy_assets.forecasting.pooled import Pooled


def naives() -> dict[str, Family]:
    """The seasonal naives by name."""
    return dict(BASELINES)


def project_families(*, seed: int = 0, params: TreeParams | None = None) -> dict[str, Family]:
    """The project's learning families by name, their combination last.

    Args:
        seed: Of everything random.
        params: Of the trees; the documented defaults of the unit without them.
    """
    members: tuple[Family, ...] = (
        BiLstm(seed=seed),
        Boosting(seed=seed, params=params),
        Kernel(settings=kernel_settings("accurate").day_ahead()),
        Pooled(seed=seed),
    )
    return {family.name: family for family in (*members, Combination(members=members))}


def selected(families: Mapping[str, Family], names: str | None) -> dict[str, Family]:
    """Some families, by names with commas between them; all without.

    Raises:
        SystemExit: There is no family of a name.
    """
    wanted = list(families) if names is None else [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in families]
    if unknown:
        raise SystemExit(
            f"no family is called {', '.join(unknown)}: choose from {', '.join(families)} with "
            f"--families. The seasonal naives always take part."
        )
    return {name: families[name] for name in wanted}
