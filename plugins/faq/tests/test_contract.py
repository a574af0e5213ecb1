"""What every plugin owes the shops that it is installed in."""

from grc_core.contract.suite import test_contract  # noqa: F401 pytest finds it here
