"""Commands and daily work: what a backup brought back is erased again, what is over is removed."""

from pathlib import Path

import click

import grc_core as grc

from .pages import Pages


class Restoring(Pages):
    """`flask grc privacy`: replay erasures, write down their hashes; retention every day."""

    @grc.command("replay", group="privacy")
    @click.option(
        "--digests",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file that `flask grc privacy digests` wrote after the backup was made.",
    )
    def replay(self, digests: Path | None) -> None:
        """Erase again everybody whom a restored backup brought back."""
        kept = digests.read_text("utf-8").split() if digests else []
        number = self.grc.privacy.replay(kept)
        click.echo(f"{number} names were erased again")

    @grc.command("digests", group="privacy")
    def digests(self) -> None:
        """Print the keyed hashes of the erased, to be kept outside of the database."""
        for digest in self.grc.privacy.digests():
            click.echo(digest)

    @grc.every(days=1)
    def expire(self) -> None:
        """Remove what was kept as long as its declaration says."""
        self.grc.privacy.expire()
