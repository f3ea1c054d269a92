"""Two real processes ingest overlapping files at once: nothing is doubled, nothing is lost."""

import multiprocessing

import pytest

from energy_assets.contracts.customers import CUSTOMERS, METERS
from energy_assets_tests.intake.crashing import ingest_together
from energy_assets_tests.intake.exports import rows_of, text, world_at


def overlapping():
    """Two files of the same meters: the second corrects every seventh row and goes on longer."""
    first, second = [], []
    for serial in ("1", "2", "3"):
        first += rows_of(serial, "7", count=300)
        later = rows_of(serial, "8" if serial == "3" else "7", count=360)
        for row in later[::7]:
            row[5] = f"{float(row[5]) + 0.125:.3f}"
        second += later
    return text(first), text(second)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("same_file", [False, True])
def test_two_processes_at_once_end_like_one_after_the_other(kind, same_file, request, tmp_path):
    url = request.getfixturevalue(f"{kind}_url")
    objects_url = f"file://{tmp_path}/objects"
    world = world_at(url, objects_url)
    data = overlapping()
    files = [world.arrive(data[0], "a.csv"), world.arrive(data[1], "b.csv")]
    pairs = [[files[1]], [files[1]]] if same_file else [[files[0]], [files[1]]]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["energy_assets_tests.intake.crashing"])
    start = context.Barrier(2)
    children = [
        context.Process(target=ingest_together, args=(start, url, objects_url, pair, 50))
        for pair in pairs
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    alone = world_at(f"sqlite:///{tmp_path}/alone.db", objects_url)
    for file in files[1:] if same_file else files:
        alone.ingest(file)
    columns = ["serial", "timestamp", "customer_ref", "import_kwh", "file_id"]
    values = columns if same_file else columns[:-1]
    assert world.current()[values].equals(alone.current()[values])
    keys = ["serial", "timestamp", "version"]
    assert not world.readings().duplicated(keys).any()
    meters = [w.documents.read(METERS, order_by=["serial"]) for w in (world, alone)]
    assert meters[0].astype(str).equals(meters[1].astype(str))
    customers = [sorted(w.documents.read(CUSTOMERS)["customer_ref"]) for w in (world, alone)]
    assert customers[0] == customers[1]
    reports = [world.ingest(file) for file in (files[1:] if same_file else files)]
    assert [report.rows_accounted for report in reports] == [report.rows_in for report in reports]
    world.documents.close()
    alone.documents.close()
