"""Who of the shop's staff is looking, and what their roles let them do."""

from collections.abc import Collection
from dataclasses import dataclass

OWNER, MARKETING, SUPPORT, READ_ONLY = "owner", "marketing", "support", "read-only"
#: What `shop.staff` may return; `True` means the owner.
ROLES = (OWNER, MARKETING, SUPPORT, READ_ONLY)


@dataclass(frozen=True, slots=True)
class Staff:
    """A person of the shop's staff.

    `id` is that of their account in the shop, where they have one; it stands in the audit.
    """

    id: str | None
    name: str
    roles: frozenset[str]

    def may_open(self, roles: Collection[str]) -> bool:
        """Tell whether a page for some roles shows: the owner sees all.

        Who may only read sees what marketing or support see, but nothing that is the owner's
        alone, which is a page that names no role.
        """
        return OWNER in self.roles or bool(self.roles.intersection(roles)) or self._reads(roles)

    def may_change(self, roles: Collection[str]) -> bool:
        """Tell whether what a page for some roles offers may be done, not just looked at."""
        return OWNER in self.roles or bool((self.roles - {READ_ONLY}).intersection(roles))

    def _reads(self, roles: Collection[str]) -> bool:
        return READ_ONLY in self.roles and bool(roles)
