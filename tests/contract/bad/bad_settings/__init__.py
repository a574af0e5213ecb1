"""Takes any number for a percentage."""

from marshmallow import fields

import grc_core as grc


class Settings(grc.Plugin):
    """Give as much as you like."""

    name = "bad_settings"

    class Settings(grc.Plugin.Settings):
        """A number without bounds."""

        percent = fields.Int(load_default=5)
