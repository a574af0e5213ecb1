"""Every table of the core, gathered for migrations."""

from sqlalchemy import MetaData

from . import access_models
from . import audit_models
from . import contact_models
from . import mail_models
from . import models
from . import privacy_models
from .core import CoreModel

#: The modules whose classes are the core's tables.
MODULES = (access_models, audit_models, models, contact_models, mail_models, privacy_models)
CORE_METADATA: MetaData = CoreModel.metadata
