import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import structlog

from energy_assets.logs import configure_logging


@pytest.fixture(autouse=True)
def restore_logging():
    logger = logging.getLogger("energy_assets")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        if handler not in before[0]:
            handler.close()
    for handler in before[0]:
        logger.addHandler(handler)
    logger.setLevel(before[1])
    logger.propagate = before[2]


def lines(folder):
    return [
        json.loads(line)
        for path in sorted(folder.glob("energy_assets.jsonl*"))
        for line in path.read_text().splitlines()
    ]


def test_each_line_carries_run_partition_and_customer(tmp_path, capsys):
    configure_logging(folder=tmp_path, level="INFO", max_bytes=1 << 20, max_days=1)
    log = structlog.stdlib.get_logger("energy_assets.intake")
    with structlog.contextvars.bound_contextvars(run_id="r1", partition="p1", customer="071/XX"):
        log.info("stored", rows=3)
    log.debug("too quiet to be written")

    (line,) = lines(tmp_path)

    assert line["event"] == "stored"
    assert (line["run_id"], line["partition"], line["customer"]) == ("r1", "p1", "071/XX")
    assert line["rows"] == 3
    assert line["timestamp"].endswith("Z")
    assert "stored" in capsys.readouterr().err


def test_configuring_twice_does_not_double_a_line(tmp_path):
    for _ in range(2):
        configure_logging(
            folder=tmp_path, level="INFO", max_bytes=1 << 20, max_days=1, console=False
        )
    structlog.stdlib.get_logger("energy_assets.x").warning("once")

    assert len(lines(tmp_path)) == 1


def test_the_log_is_bounded_in_size(tmp_path):
    configure_logging(folder=tmp_path, level="INFO", max_bytes=2_000, max_days=1, console=False)
    log = structlog.stdlib.get_logger("energy_assets.x")
    for number in range(2_000):
        log.info("line", number=number)

    size = sum(path.stat().st_size for path in tmp_path.iterdir())

    assert size <= 21 * 2_000
    assert lines(tmp_path)


def test_logs_older_than_the_bound_are_deleted_at_start(tmp_path):
    old = tmp_path / "energy_assets.jsonl.3"
    old.write_text("{}\n")
    fresh = tmp_path / "energy_assets.jsonl.1"
    fresh.write_text("{}\n")
    three_days_ago = time.time() - 3 * 86_400
    os.utime(old, (three_days_ago, three_days_ago))

    configure_logging(folder=tmp_path, level="INFO", max_bytes=2_000, max_days=2, console=False)

    assert not old.exists()
    assert fresh.exists()


LINES_A_PROCESS = 1_000

WRITER = """
import sys
from pathlib import Path

import structlog

from energy_assets.logs import configure_logging

folder, writer, lines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
configure_logging(folder=folder, level="INFO", max_bytes=1 << 16, max_days=1, console=False)
log = structlog.stdlib.get_logger("energy_assets.x")
print("ready", flush=True)
sys.stdin.readline()
for number in range(lines):
    log.info("line", writer=writer, number=number)
"""


def test_four_processes_of_1000_lines_each_leave_4000_whole_lines(tmp_path):
    root = Path(__file__).parents[1]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(writer), str(LINES_A_PROCESS)],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for writer in range(4)
    ]
    for each in writers:
        assert each.stdout.readline() == b"ready\n"
    for each in writers:
        each.stdin.write(b"\n")
        each.stdin.flush()
    assert [each.communicate(timeout=120)[0] for each in writers] == [b""] * 4
    assert [each.returncode for each in writers] == [0] * 4

    written = [(line["writer"], line["number"]) for line in lines(tmp_path)]

    assert len(list(tmp_path.glob("energy_assets.jsonl.*"))) > 1
    assert sorted(written) == [(w, n) for w in range(4) for n in range(LINES_A_PROCESS)]


def test_a_log_that_somebody_removed_is_written_anew(tmp_path):
    configure_logging(folder=tmp_path, level="INFO", max_bytes=1 << 16, max_days=1, console=False)
    log = structlog.stdlib.get_logger("energy_assets.x")
    log.info("before")
    (tmp_path / "energy_assets.jsonl").unlink()
    log.info("after")

    assert [line["event"] for line in lines(tmp_path)] == ["after"]
