"""What the child processes of the crash and concurrency tests run."""

import os
import signal
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pandas as pd

from energy_assets.customer_load.ingestion import MeterFile
from energy_assets_tests.intake.exports import World, world_at


@dataclass
class Killer:
    """Kills this process at a write: before it, after it, or with half of its rows written."""

    at: int
    mode: str
    writes: int = 0

    def due(self) -> bool:
        self.writes += 1
        return self.writes - 1 == self.at

    def kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class MortalDocuments:
    """A document store whose writes may be the last thing that this process does."""

    def __init__(self, store: Any, killer: Killer) -> None:
        self._store = store
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def insert_new(self, table: Any, rows: pd.DataFrame) -> int:
        return self._write(self._store.insert_new, table, rows)

    def upsert(self, table: Any, rows: pd.DataFrame) -> None:
        self._write(self._store.upsert, table, rows)

    def _write(self, write: Any, table: Any, rows: pd.DataFrame) -> Any:
        due = self._killer.due()
        if due and self._killer.mode == "half":
            write(table, rows.iloc[: len(rows) // 2])
        if due and self._killer.mode != "after":
            self._killer.kill()
        result = write(table, rows)
        if due:
            self._killer.kill()
        return result


class MortalObjects:
    """An object store with the same fate."""

    def __init__(self, store: Any, killer: Killer) -> None:
        self._store = store
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, key: str, data: bytes) -> None:
        due = self._killer.due()
        if due and self._killer.mode != "after":
            self._killer.kill()
        self._store.put(key, data)
        if due:
            self._killer.kill()


def mortal(world: World, killer: Killer) -> World:
    documents: Any = MortalDocuments(world.documents, killer)
    objects: Any = MortalObjects(world.objects, killer)
    return World(documents=documents, objects=objects, clock=world.clock)


def world_in(folder: Path) -> World:
    return world_at(f"sqlite:///{folder}/energy.db", f"file://{folder}/objects")


def ingest_and_die(
    folder: Path, file: MeterFile, at: int, mode: str, options: dict[str, Any]
) -> None:
    """Ingest a file, and be killed at a write."""
    mortal(world_in(folder), Killer(at, mode)).ingest(file, **options)


def ingest_together(
    start: Barrier, url: str, objects_url: str, files: list[MeterFile], chunk_rows: int
) -> None:
    """Ingest files as soon as the other process is ready too."""
    world = world_at(url, objects_url)
    start.wait(timeout=60)
    for file in files:
        world.ingest(file, chunk_rows=chunk_rows)
    world.documents.close()
