"""Commands that check the proof and write its end down."""

import json

import click

import grc_core as grc
from grc_core import GRCError

from .ledger import verify
from .pages import Pages


class Proving(Pages):
    """`flask grc consent`: verify the ledger, show its head."""

    @grc.command("verify", group="consent")
    @click.option("--head", help="A head that was written down; it must be in the chain.")
    def verify_ledger(self, head: str | None) -> None:
        """Follow the chain of consents and name the first entry that does not fit."""
        found = verify(self.session, self.grc.ledger_keys(), head)
        if found.bad is not None:
            raise GRCError(f"entry {found.bad} {found.reason}; {found.entries} before it are whole")
        click.echo(f"{found.entries} entries are whole; the head is {found.head}")

    @grc.command("head", group="consent")
    def head(self) -> None:
        """Print the end of the chain, to be kept somewhere else."""
        found = verify(self.session, self.grc.ledger_keys())
        if found.bad is not None:
            raise GRCError(f"entry {found.bad} {found.reason}; run: flask grc consent verify")
        head = {"entries": found.entries, "head": found.head, "at": self.grc.now().isoformat()}
        click.echo(json.dumps(head))
