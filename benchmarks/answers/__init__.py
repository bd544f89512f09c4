"""How soon the controls answer: the notebooks that are opened, and the clocks in the page."""
