"""Five carriers that are not there: their tracking services on this machine."""

from .carriers import Asked
from .carriers import Carriers
from .carriers import Fault
from .server import serving

__all__ = ["Asked", "Carriers", "Fault", "serving"]
