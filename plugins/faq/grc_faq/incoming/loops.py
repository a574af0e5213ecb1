"""Whom no robot of ours may write to: other robots, lists, bounces, and the shop itself."""

from collections.abc import Collection

from .parse import Mail

_ROBOTS = ("mailer-daemon", "postmaster", "no-reply", "noreply", "donotreply", "do-not-reply",
           "ne-pas-repondre", "bounce", "nepasrepondre")  # fmt: skip
_BULK = ("bulk", "junk", "list", "auto_reply")


def why_not(mail: Mail, own: Collection[str]) -> str | None:
    """Return why a mail gets no automatic reply; None for one that a person seems to have sent."""
    headers = mail.headers
    if mail.trouble:
        return mail.trouble
    if not mail.sender:
        return "it has no sender"
    if mail.sender in own:
        return "it comes from the shop itself"
    if headers.get("auto-submitted", "no").strip().lower().split(";")[0] != "no":
        return "it was sent automatically (Auto-Submitted)"
    if headers.get("precedence", "").strip().lower() in _BULK:
        return "it is bulk mail (Precedence)"
    named = [name for name in headers if name.startswith("list-")]
    named += [name for name in ("x-loop", "x-autoreply", "x-autorespond") if name in headers]
    if named:
        return f"it comes from a list or a robot ({named[0]})"
    if mail.is_report or headers.get("return-path", "").strip() == "<>":
        return "it is a bounce"
    if mail.sender.partition("@")[0].startswith(_ROBOTS):
        return "its sender is a robot"
    return None
