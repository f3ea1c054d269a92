"""Two adapters, any points and any conditions: the same answer. InfluxDB's Flux is simulated."""

import random
from typing import Any

import pandas as pd
import pytest

from energy_assets_tests.resources.points import HOSTILE_IDS, signals
from energy_assets_tests.resources.shelf import SIGNALS
from resources.series_store import SeriesStore, open_series_store
from resources.tables import Filter, Operator

OPERATORS: list[Operator] = ["=", "in", "<", "<=", ">", ">="]


def values(rng: random.Random) -> dict[str, list[Any]]:
    """What each key column is made of."""
    moments = pd.date_range("2026-01-01", periods=6, freq="7h", tz="UTC", unit="ms")
    return {
        "site": rng.sample(HOSTILE_IDS, 4),
        "channel": [-10, -9, 0, 2, 10, 2**62],
        "checked": [True, False],
        "issued_at": list(moments[:3]),
        "at": list(moments),
    }


def points(rng: random.Random, among: dict[str, list[Any]], size: int) -> pd.DataFrame:
    def maybe(value: Any) -> Any:
        return value if rng.random() < 0.7 else None

    key = {name: [rng.choice(choices) for _ in range(size)] for name, choices in among.items()}
    return signals(
        **key,
        value=[maybe(rng.choice([0.1, -2.5, 1e-300, 7.0])) for _ in range(size)],
        count=[maybe(rng.randint(-5, 5)) for _ in range(size)],
        note=[maybe(rng.choice(HOSTILE_IDS)) for _ in range(size)],
        done=[maybe(rng.random() < 0.5) for _ in range(size)],
    )


def conditions(rng: random.Random, among: dict[str, list[Any]]) -> list[Filter]:
    found: list[Filter] = []
    for _ in range(rng.randint(0, 3)):
        name = rng.choice(list(among))
        operator = rng.choice(OPERATORS)
        several = rng.choices([*among[name], None], k=rng.randint(0, 3))
        value = several if operator == "in" else rng.choice([*among[name], *among[name], None])
        found.append(Filter(name, operator, value))
    return found


def agree(seed: int, influx: SeriesStore, sql: SeriesStore, *, rounds: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - makes points, guards nothing
    among = values(rng)
    for store in (influx, sql):
        store.ensure([SIGNALS])
    for _ in range(3):
        rows = points(rng, among, 120)
        influx.write(SIGNALS, rows)
        sql.write(SIGNALS, rows)
    for _ in range(rounds):
        where = conditions(rng, among)
        columns = rng.sample(SIGNALS.names, rng.randint(1, len(SIGNALS.names)))
        answers = [store.read(SIGNALS, where, columns=columns) for store in (influx, sql)]
        pd.testing.assert_frame_equal(*answers, obj=f"{where} {columns}")


def test_any_read_is_answered_alike(simulated_influx: SeriesStore, sqlite_url: str):
    sql = open_series_store(sqlite_url)
    agree(1, simulated_influx, sql, rounds=15)
    sql.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_very_many_reads_are_answered_alike(
    simulated_influx: SeriesStore, sqlite_url: str, seed: int
):
    sql = open_series_store(sqlite_url)
    agree(seed, simulated_influx, sql, rounds=60)
    sql.close()
