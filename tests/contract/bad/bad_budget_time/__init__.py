"""Computes while the visitor waits."""

from hashlib import sha256

import grc_core as grc


class BudgetTime(grc.Plugin):
    """Hash a lot."""

    name = "bad_budget_time"

    @grc.widget("home.main", public=True)
    def proof(self, page: grc.Page) -> str:
        digest = b""
        for _ in range(60_000):
            digest = sha256(digest).digest()
        return digest.hex()[:4]
