"""Every table of the core, gathered for migrations."""

from sqlalchemy import MetaData

from . import models
from .core import CoreModel

#: The modules whose classes are the core's tables.
MODULES = (models,)
CORE_METADATA: MetaData = CoreModel.metadata
