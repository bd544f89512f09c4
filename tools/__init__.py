"""Tools for the people who write the notebooks; the package never imports them."""
