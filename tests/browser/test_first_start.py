"""A first start of JupyterLab in a profile without settings: ``make lab`` asks nothing."""

from __future__ import annotations

import lab
import pytest
from lab import browse, expect, keep_screenshot, serve

from tools.lab import variables

pytestmark = pytest.mark.slow
QUESTION = "Would you like to get notified about official Jupyter news?"
OF_THE_NETWORK = ("/lab/api/news", "/lab/api/update")


@pytest.mark.parametrize("how", ["make lab", "as it comes"])
def test_no_question_and_no_look_for_updates_at_the_first_start(tmp_path, monkeypatch, how):
    monkeypatch.setattr(lab, "SETTINGS", {})  # which would answer the question beforehand
    added = variables() if how == "make lab" else {}
    with serve(tmp_path, variables=added) as address, browse() as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page.goto(f"{address}/lab?reset")
        question = page.get_by_text(QUESTION)
        if not added:  # the question would be found
            expect(question).to_be_visible()
            return
        expect(page.locator(".jp-Launcher").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        keep_screenshot(page, "first_start")
        assert question.count() == 0
        assert [path for path in asked if path.startswith(OF_THE_NETWORK)] == []
        assert any(path.startswith("/lab/api/settings") for path in asked)  # requests are seen
        assert page.complaints == []
