"""Logging: JSON lines to a rotating file, readable lines to the console.

Every line is bound to its run, partition and customer where there is one. The file is bounded in
size and age, and shared by all processes of a machine: a lock beside it keeps every line whole.
"""

import logging
import sys
import time
from pathlib import Path
from typing import Final

import structlog
from concurrent_log_handler import ConcurrentRotatingFileHandler

_KEPT_FILES: Final = 20
_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


class _BoundedLog(ConcurrentRotatingFileHandler):
    """Rotates before the line that would pass the bound; its base rotates after it."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - the base's name
        """Whether the line does not fit any more; asked under the lock of all writers."""
        path = Path(self.baseFilename)
        size = path.stat().st_size if path.exists() else 0
        line = len((self.format(record) + self.terminator).encode())
        return size > 0 and size + line > self.maxBytes


def silence_console() -> None:
    """Keep log lines out of standard error; the file still gets them."""
    logger = logging.getLogger("energy_assets")
    for handler in list(logger.handlers):
        if type(handler) is logging.StreamHandler:
            logger.removeHandler(handler)


def _delete_old_logs(folder: Path, *, max_days: int, now: float) -> None:
    for path in folder.glob("energy_assets.jsonl*"):
        if now - path.stat().st_mtime > max_days * 86_400:
            path.unlink(missing_ok=True)


def configure_logging(
    *, folder: Path, level: str, max_bytes: int, max_days: int, console: bool = True
) -> None:
    """Send the `energy_assets` log to `folder/energy_assets.jsonl` and to standard error.

    Calling it again replaces the handlers of the call before, so lines are never doubled. Many
    processes of one machine may write to the same folder, with the same `max_bytes`.

    Args:
        folder: Created when absent.
        level: Smallest level that is written.
        max_bytes: Size at which a file is rotated; 20 rotated files are kept. [B]
        max_days: Age at which rotated files are deleted, at start. [d]
        console: Whether readable lines go to standard error as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _delete_old_logs(folder, max_days=max_days, now=time.time())
    file_handler = _BoundedLog(
        folder / "energy_assets.jsonl",
        maxBytes=max_bytes,
        backupCount=_KEPT_FILES,
        encoding="utf-8",
    )
    file_handler.setFormatter(_formatter(structlog.processors.JSONRenderer()))
    handlers: list[logging.Handler] = [file_handler]
    if console:
        console_handler = logging.StreamHandler(sys.stderr)
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        console_handler.setFormatter(_formatter(renderer))
        handlers.append(console_handler)
    logger = logging.getLogger("energy_assets")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    for handler in handlers:
        logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(renderer: structlog.typing.Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
