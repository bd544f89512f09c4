"""What is seen of the laboratory: its pictures, its controls, and ``GanLab``, which holds both.

The engine in ``gan_helpers.lab`` needs neither matplotlib nor ipywidgets; everything here does.
"""

from gan_helpers.lab.front.gan_lab import GanLab
from gan_helpers.lab.settings import LabSettings

__all__ = ["GanLab", "LabSettings"]
