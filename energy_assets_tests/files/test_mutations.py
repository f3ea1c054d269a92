"""Thousands of damaged files: no error escapes, no row is lost, and no value is invented."""

import os
import time

import numpy as np
import pytest

from energy_assets.intake.errors import MeterFileError
from energy_assets_tests.files.cases import FIRST_ARRIVAL, Case
from energy_assets_tests.files.explanations import unexplained
from energy_assets_tests.files.judging import assert_balance
from energy_assets_tests.files.mutation_bases import BASES, Base
from energy_assets_tests.files.mutations import mutated
from energy_assets_tests.files.worlds import Stores, arrived, ingested, newest

COUNT = int(os.environ.get("MUTATIONS") or 10_000)
"""Damaged files of all bases together."""

pytestmark = [pytest.mark.meter_files, pytest.mark.timeout(3_600)]


def fault_of(stores: Stores, base: Base, seed: int) -> tuple[str, str]:
    """What became of a damaged file, `refused`, `stored` or `empty`, and what is wrong."""
    table = base.table()
    names, data = mutated(table, np.random.default_rng(seed))
    case = Case(name=f"mutation {seed}", kind=base.kind, deliveries=(), clock=base.clock)
    stores.empty()
    file = arrived(stores, case, f"{table.name}{table.ending}", data, FIRST_ARRIVAL)
    try:
        report = ingested(stores, case, file)
    except MeterFileError:
        left = newest(stores, case)
        return "refused", f"{names}: refused, but {len(left)} rows are stored" if left else ""
    except Exception as error:  # noqa: BLE001 - any other error is what this looks for
        return "failed", f"{names}: {type(error).__name__}: {error}"
    try:
        assert_balance(stores, case, file, report)
    except AssertionError as error:
        return "failed", f"{names}: {error}"
    found = newest(stores, case)
    strange = list(unexplained(table, found))
    if strange:
        return "failed", f"{names}: {len(strange)} of {len(found)} rows, such as {strange[0]}"
    return "stored" if found else "empty", ""


def damage_many(stores: Stores, name: str, count: int) -> None:
    """Damage a base many times; fail with what went wrong and how to do it again."""
    began, fates, faults = time.monotonic(), dict.fromkeys(("stored", "refused", "empty"), 0), []
    for seed in range(count):
        fate, fault = fault_of(stores, BASES[name], seed)
        fates[fate] = fates.get(fate, 0) + 1
        if fault:
            faults.append(f"seed {seed}: {fault}")
    seconds = time.monotonic() - began
    summary = f"{name}: {count} damaged files in {seconds:.0f} s: {fates}, {len(faults)} faults"
    print(summary)  # noqa: T201 - the figure that people look for
    assert not faults, "\n".join([summary, *faults[:12]])
    assert fates["stored"] > count / 5, f"{summary}: too few were stored to prove anything"


@pytest.mark.slow
@pytest.mark.parametrize("name", BASES)
def test_a_damaged_file_is_never_stored_as_something_else(stores: Stores, name: str):
    damage_many(stores, name, -(-COUNT // len(BASES)))


@pytest.mark.parametrize("name", BASES)
def test_a_sound_file_is_explained_completely(stores: Stores, name: str):
    base = BASES[name]
    table = base.table()
    lines = [table.delimiter.join(cell.text for cell in line.cells) for line in table.lines]
    case = Case(name=name, kind=base.kind, deliveries=(), clock=base.clock)
    stores.empty()
    file = arrived(stores, case, "base.csv", ("\n".join(lines) + "\n").encode(), FIRST_ARRIVAL)
    assert ingested(stores, case, file).rows_stored == len(lines) - 1
    found = newest(stores, case)
    assert not list(unexplained(table, found))
    key = next(iter(found))
    for name_of_value, value in found[key].items():
        if not isinstance(value, str):
            other = {key: {**found[key], name_of_value: value * 1.001}}
            assert list(unexplained(table, other)), f"another {name_of_value} went unnoticed"
    assert list(unexplained(table, {("stranger", key[1]): found[key]}))
