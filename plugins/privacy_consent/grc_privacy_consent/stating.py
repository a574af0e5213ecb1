"""The pages of the statement: today's, the earlier ones, and what changed between two."""

from collections.abc import Iterator
from hashlib import sha256

from flask import abort
from flask import request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import grc_core as grc

from .choosing import Choosing
from .models import Statement
from .purposes import LANGUAGES
from .statement import plain
from .statement import sections


class Stating(Choosing):
    """Show the privacy statement and keep its versions."""

    @grc.route("/")
    def statement(self) -> Markup:
        """Show what holds today; a text that changed becomes a new version."""
        locale = self.grc.browser().locale
        return self.whole(
            "statement.html",
            "Privacy statement",
            sections=sections(self.policy, self.settings, locale),
            version=self.present(),
            company=self.settings.company,
        )

    @grc.every(hours=1)
    def keep_statement(self) -> None:
        """Keep the statement's text when it has changed, also if nobody looks."""
        self.present()

    def present(self) -> Statement:
        """Return today's version, kept if it is a new one."""
        texts = {
            language: plain(sections(self.policy, self.settings, language))
            for language in LANGUAGES
        }
        digest = sha256("\0".join(texts.values()).encode()).hexdigest()
        last = self._last()
        if last is not None and last.digest == digest:
            return last
        number = (last.number if last else 0) + 1
        new = Statement(number=number, at=self.grc.now(), digest=digest, texts=texts)
        try:
            with self.session.begin_nested():
                self.session.add(new)
        except IntegrityError:  # somebody else looked at the same time, and kept it
            return self._last() or new
        return new

    def _last(self) -> Statement | None:
        newest = select(Statement).order_by(Statement.number.desc()).limit(1)
        found: Statement | None = self.session.scalar(newest)
        return found

    @grc.route("/versions")
    def versions(self) -> Markup:
        """List every version, the newest first."""
        found = self.session.scalars(select(Statement).order_by(Statement.number.desc())).all()
        return self.whole("versions.html", "Earlier privacy statements", versions=found)

    @grc.route("/versions/<int:number>", limit="20/minute")
    def version(self, number: int) -> Markup:
        """Show a version, and with `?since=` what changed from an earlier one."""
        found = self.session.get(Statement, number)
        since = request.args.get("since", type=int)
        before = self.session.get(Statement, since) if since is not None else None
        if found is None or (since is not None and before is None):
            abort(404)
        language = "fr" if self.grc.browser().locale.startswith("fr") else "en"
        text = found.texts[language]
        lines = changes(before.texts[language], text) if before else [(" ", text)]
        return self.whole(
            "version.html", "Privacy statement", version=found, lines=lines, before=before
        )


def changes(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield lines with what became of them: ` ` stayed, `-` went, `+` came."""
    from difflib import ndiff

    for line in ndiff(before.splitlines(), after.splitlines()):
        if line[0] != "?":
            yield line[0], line[2:]
