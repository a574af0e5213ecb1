"""``flask shop``: fill the shop with a made-up past, empty it, list the accounts."""

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from time import perf_counter

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import inspect

from . import clock
from . import seed as made_up
from .extensions import db
from .models import Base
from .seed import accounts as known
from .seed.orders import Made
from .seed.write import empty
from .stripe_checkout import sweep

group = AppGroup("shop", help="Fill, empty and describe the shop.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)


@group.command("seed")
@click.option("--now", type=click.DateTime(["%Y-%m-%d"]), help="Last day; today if not given.")
@click.option("--customers", default=3_000, show_default=True)
@click.option("--orders", default=12_000, show_default=True)
@click.option("--seed", default=1998, show_default=True, help="Another number, another past.")
@click.option(
    "--if-empty", is_flag=True, help="Do nothing if there are products already; list no accounts."
)
def seed(now: datetime | None, customers: int, orders: int, seed: int, if_empty: bool) -> None:
    """Write the catalogue, customers and two years of orders."""
    _need_tables()
    if made_up.filled():
        if if_empty:
            return
        raise click.ClickException("The shop is not empty. Run 'flask shop reset' first.")
    started = perf_counter()
    until = now or clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = made_up.fill(
        now=until.replace(tzinfo=UTC),
        customers=customers,
        orders=orders,
        seed=seed,
        progress=_progress,
    )
    counts = ", ".join(f"{len(batch):,} {name}" for name, batch in rows.items())
    click.echo(f"Wrote {counts} rows in {perf_counter() - started:.1f} s.")
    if not if_empty:
        _print_accounts()


@group.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete every product, account and order; the tables stay."""
    _need_tables()
    if not yes:
        click.confirm("Delete every product, account and order of this shop?", abort=True)
    empty()
    click.echo("The shop is empty. Run 'flask shop seed' to fill it.")


@group.command("payments")
def payments() -> None:
    """Look after orders that waited for their payment for too long; for cron."""
    click.echo(f"{sweep()} orders were looked after.")


@group.command("accounts")
def accounts() -> None:
    """Print the demonstration accounts."""
    _print_accounts()


def _print_accounts() -> None:
    click.echo(f"Demonstration accounts, all with the password {known.PASSWORD}:")
    for account in known.ALL:
        click.echo(f"  {account.email:22} {account.about}")


def _need_tables() -> None:
    missing = set(Base.metadata.tables) - set(inspect(db.engine).get_table_names())
    if missing:
        raise click.ClickException("The tables are missing. Run 'flask db upgrade' first.")


def _progress(made: Iterable[Made], label: str, length: int) -> Iterator[Made]:
    with click.progressbar(made, length=length, label=label, update_min_steps=200) as bar:
        yield from bar
