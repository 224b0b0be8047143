"""`flask --app wsgi audit verify` and `… audit status`."""

from __future__ import annotations

import sys
import time as clock
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from app import keys, time
from app.audit import erasure
from app.audit import sink_lines as witnesses
from app.audit.checking import check
from app.audit.sequencer import connect, publication_of
from app.auth import system
from app.errors import DomainError

commands = AppGroup("audit", help="The audit log.")
LATE_SECONDS = 60  # the longest that an event may wait for its place (MMD in the receipts)


@commands.command("verify")
@click.option("--quick", is_flag=True, help="Do not read each event's JSON; hashes are still recomputed.")
@click.option("--sink", type=click.File(encoding="utf-8"), help="The processes' log: every event in it must be there.")
def verify(*, quick: bool, sink: TextIO | None) -> None:
    """Recompute the log from its events. Ends with 1 where anything differs."""
    began = clock.monotonic()
    with connect(current_app.config["DATABASE_URL"]) as connection:
        report = check(
            connection,
            publication_of(current_app),
            keys.vkey_of("log"),
            is_quick=quick,
            witnessed=witnesses.read(sink) if sink else (),
        )
    erased = f", {report.erased:,} erased" if report.erased else ""
    click.echo(f"{report.entries:>12,} entries recomputed, {report.sealed:,} of them sealed{erased}")
    click.echo(f"{report.checkpoints:>12,} checkpoints, roots and signatures compared")
    click.echo(f"{report.files:>12,} published files compared")
    click.echo(f"{report.pending:>12,} events waiting for their place")
    if sink:
        click.echo(f"{report.witnessed:>12,} events that the processes told of, looked for")
    for finding in report.findings:
        click.echo(f"DIFFERENT: {finding}", err=True)
    seconds = clock.monotonic() - began
    if report.is_right:
        click.echo(f"The log is as it should be ({seconds:.1f} s).")
    else:
        click.echo(f"The log is NOT as it should be: {len(report.findings)} differences ({seconds:.1f} s).", err=True)
        sys.exit(1)


@commands.command("erase")
@click.argument("index", type=int)
@click.option("--reason", required=True, help="The legal ground. It is public, for ever.")
@click.confirmation_option(prompt="What the entry says can never be read again. Erase it?")
def erase(index: int, reason: str) -> None:
    """Delete the event and the salt of a sealed entry (DATABASE_OWNER_URL). An open entry says so for ever."""
    try:
        is_erased = erasure.erase(index, reason, system(), time.now(), current_app.config["DATABASE_OWNER_URL"])
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Entry {index} is erased." if is_erased else f"Entry {index} was erased before.")


@commands.command("status")
def status() -> None:
    """Size, newest checkpoint, and what waits. Ends with 1 where an event has waited for over a minute."""
    published = publication_of(current_app).checkpoint()
    with connect(current_app.config["DATABASE_URL"]) as connection:
        tree = connection.execute("SELECT size, encode(root, 'hex') FROM audit.tree").fetchone()
        last = connection.execute("SELECT size, made FROM audit.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        waiting = connection.execute("SELECT count(*), min(at) FROM audit.pending").fetchone()
    assert tree is not None
    assert waiting is not None
    click.echo(f"log          {keys.name_of('log')}")
    click.echo(f"key          {keys.vkey_of('log')}")
    click.echo(f"tree         {tree[0]:,} entries, root {tree[1]}")
    click.echo(f"checkpoint   {last[0]:,} entries, signed {time.wire(last[1])}" if last else "checkpoint   none yet")
    click.echo(f"published    {published.size:,} entries" if published else "published    nothing yet")
    click.echo(f"waiting      {waiting[0]:,} events")
    if waiting[1] is not None and (age := (time.now() - waiting[1]).total_seconds()) > LATE_SECONDS:
        click.echo(f"LATE: an event has waited for {age:,.0f} seconds. Does the clockwork process run?", err=True)
        sys.exit(1)
