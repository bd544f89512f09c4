"""Trained models that ship with the package, because they take longer than a notebook may.

``make models`` trains them anew, which takes 15 minutes on one core.
"""

from gan_helpers.models.style_digits import SHIPPED, Moment, curve, style_digits, style_gan

__all__ = ["SHIPPED", "Moment", "curve", "style_digits", "style_gan"]
