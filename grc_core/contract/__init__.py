"""A checklist that runs against any plugin: `flask grc contract PLUGIN`, or as a test.

Each check is a function of `checks/`, with what it proves and how to mend what it finds. See
`docs/contract.md`.
"""

from .check import Check
from .check import Result
from .run import CHECKS
from .run import inspect_plugin
from .run import run_check
from .stage import Stage

__all__ = ["CHECKS", "Check", "Result", "Stage", "inspect_plugin", "run_check"]
