"""Where the pointer is on a picture of a playground."""

from __future__ import annotations

import anywidget
import traitlets


class Pointer(anywidget.AnyWidget):
    """An invisible widget that tells where the pointer is pressed, or drawn, on the picture.

    It listens to the picture of the ``.gan-playground`` that it is put into.

    Attributes: ``at``, the place as shares of the picture's width and height, (x, y) from its left
    upper corner, each 0 to 1.
    """

    _esm = """
    function render({ model, el }) {
      const tell = (event) => {
        const box = el.closest(".gan-playground");
        if (!box || event.target.tagName !== "IMG" || !box.contains(event.target)) return;
        if (event.type === "pointermove" && event.buttons !== 1) return;
        const place = event.target.getBoundingClientRect();
        event.target.draggable = false;  // or the browser drags a copy of the picture along
        model.set("at", [
          (event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height,
        ]);
        model.save_changes();
      };
      const kinds = ["pointerdown", "pointermove"];
      kinds.forEach((kind) => document.addEventListener(kind, tell));
      return () => kinds.forEach((kind) => document.removeEventListener(kind, tell));
    }
    export default { render };
    """
    at = traitlets.List(traitlets.Float(), default_value=[0.0, 0.0]).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})
