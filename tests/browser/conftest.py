"""Every test of this folder drives a browser; without one they are skipped, except in CI."""

import os
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")
from lab import CHROMIUM


def pytest_collection_modifyitems(items):
    missing = CHROMIUM is None and not os.environ.get("CI")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                reason = "no chromium found; install it to try the controls in a browser"
                item.add_marker(pytest.mark.skip(reason))


@pytest.fixture(autouse=True)
def _full_budget(monkeypatch):
    monkeypatch.delenv("GAN_HELPERS_BUDGET", raising=False)
