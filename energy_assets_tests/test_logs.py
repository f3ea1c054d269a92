import json
import logging
import os
import time

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
