"""Pages that live without a kernel: the replay of a run, and a generator that runs in the page.

Each is one output of a notebook that holds its own data and script. It fetches nothing, so it works
in exported HTML opened from disk; beside it lies a picture for viewers that run no script.
"""

from gan_helpers.replay.in_page import page_explorer
from gan_helpers.replay.page import LIMIT, Page
from gan_helpers.replay.recording import Recording

__all__ = ["LIMIT", "Page", "Recording", "page_explorer"]
