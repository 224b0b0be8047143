"""`flask --app wsgi replay FILE`: real openings through the rules, or through the whole system."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import click
from flask import Flask, current_app

from app.audit import witnessing
from bidding.keyholders import configured
from bidding.rehearsal.openings import openings_file
from bidding.rehearsal.replaying import replay
from bidding.replay import Summary, read_openings, replay_rules

BAR = 30


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--rules-only", is_flag=True, help="Only the pure rules: seconds instead of minutes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N openings of the file.")
def replay_command(file: Path | None, rules_only: bool, as_json: bool, limit: int | None) -> None:
    """Replay published openings and say what came out otherwise than in reality.

    Without FILE: the real openings beside the project where they are, else a small set of invented ones.
    """
    path = file or openings_file()
    try:
        tenders = list(read_openings(path, limit))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if not rules_only:
        _log_to_file(Path(current_app.config["NARU_VAR"]) / "output" / "replay.log")
    if rules_only:
        summary = replay_rules(tenders)
    else:
        with witnessing.attending(current_app._get_current_object()):  # type: ignore[attr-defined]
            summary = replay(tenders, configured(), _show_progress)
    click.echo(json.dumps(summary.to_json(), ensure_ascii=False) if as_json else _told(summary, path))


def _log_to_file(path: Path) -> None:
    """The log's lines (one for every event, as the second sink) go beside the other logs; here is the progress."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("a", encoding="utf-8"))


def _show_progress(what: str, done: int, total: int) -> None:
    """A bar on standard error, redrawn in place on a terminal, one line a stage elsewhere."""
    if not sys.stderr.isatty():
        if done == total:
            click.echo(f"{what:<10} {done}/{total}", err=True)
        return
    filled = BAR * done // max(total, 1)
    end = "\n" if done == total else ""
    click.echo(f"\r{what:<10} [{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}{end}", nl=False, err=True)


def _told(summary: Summary, path: Path) -> str:
    found = summary.to_json()
    differences = found.pop("differences")
    lines = [f"{path.name}"] + [f"  {name:<22} {value}" for name, value in found.items()]
    lines += ["  differences            " + ("none" if not differences else "")]
    return "\n".join(lines + [f"    {json.dumps(one, ensure_ascii=False)}" for one in differences])


def register(app: Flask) -> None:
    app.cli.add_command(replay_command)
