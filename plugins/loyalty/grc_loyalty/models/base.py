"""The base of this plugin's tables."""

import grc_core as grc


class Model(grc.Model, plugin="loyalty"):
    """Base of this plugin's tables."""
