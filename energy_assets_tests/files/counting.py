"""A plugin of pytest whose last line is `N passed, N failed`."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the counts below everything that others write at the end."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        counts = [len(reporter.stats.get(name, ())) for name in ("passed", "failed", "error")]
        reporter.write_line(f"{counts[0]} passed, {counts[1] + counts[2]} failed")
