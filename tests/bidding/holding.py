"""Several keyholders behind real HTTP, and members of a committee whose device is a program of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server

from app import keys, time
from app.audit.models import Event
from app.audit.sequencer import run_step
from app.auth import Actor, Role, system
from app.auth.people import actor_for, create_person, get_organisation
from app.db import db, transaction
from app.tlog import note
from app.tlog.canon import parse, unb64u
from bidding.keyholder.holder import Holder
from bidding.keyholder.panel import Panel
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.keyholders import configured
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.services import holders, readiness, release
from bidding.services.groups import in_force
from bidding.services.opening import begin_opening, open_bids
from tests.bidding.staging import PASSWORD

Json = dict[str, Any]
AT_ONCE = timedelta()  # no patience: who does not answer now is replaced now


@dataclass
class House:
    """The keyholders of a site, by name; `stop` takes one away, `start` brings it back at the same address."""

    app: Flask
    folder: Path
    clock: Callable[[], datetime]
    programs: dict[str, Holder] = field(default_factory=dict)
    servers: dict[str, tuple[BaseWSGIServer, threading.Thread]] = field(default_factory=dict)

    def add(self, name: str, kind: type[Holder] = Holder) -> None:
        self.programs[name] = program(name, self.folder / name, kind)
        self.start(name)

    def start(self, name: str, port: int = 0) -> None:
        server = make_server("127.0.0.1", port, make_service(self.programs[name], self.clock), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.servers[name] = server, thread
        self.app.config["NARU_KEYHOLDERS"] = {
            **self.app.config["NARU_KEYHOLDERS"], name: f"http://127.0.0.1:{server.port}"
        }  # fmt: skip

    def stop(self, name: str) -> int:
        """The port that it had."""
        server, thread = self.servers.pop(name)
        server.shutdown()
        server.server_close()
        thread.join(5)
        return server.port


@contextmanager
def house(
    app: Flask, folder: Path, clock: Callable[[], datetime], names: Sequence[str] = ("A", "B", "C")
) -> Iterator[House]:
    before = app.config["NARU_KEYHOLDERS"], app.config["NARU_KEYHOLDER_TIMEOUT"]
    app.config.update(NARU_KEYHOLDERS={}, NARU_KEYHOLDER_TIMEOUT=20.0)
    built = House(app, folder, clock)
    try:
        for name in names:
            built.add(name)
        yield built
    finally:
        for name in list(built.servers):
            built.stop(name)
        app.config["NARU_KEYHOLDERS"], app.config["NARU_KEYHOLDER_TIMEOUT"] = before


def program(name: str, folder: Path, kind: type[Holder] = Holder) -> Holder:
    return kind(
        name=name,
        store=Store(folder, folder.with_name(f"{name}-backup")),
        log_vkey=keys.vkey_of("log"),
        origin=str(keys.name_of("log")),
        app_vkey=keys.vkey_of("agency"),
    )


# -- an opening, as far as it goes -------------------------------------------------------------------------------------


def try_to_open(tender: Tender, clock: Any, panel: Panel | None = None, turns: int = 6) -> bool:
    """The opening's job by hand, a turn after another, without patience; whether the tender was opened."""
    clock.set_to(tender.opens_at)
    with transaction():
        begin_opening(tender.id, clock)
    for _ in range(turns):
        run_step()
        with transaction():
            release.gather(tender.id, "price", panel or configured(), clock(), AT_ONCE)
        with transaction():
            if open_bids(tender.id, clock):
                run_step()
                return True
    return False


def fixed(tender: Tender) -> list[str]:
    group = in_force(tender.id, "price")
    assert group is not None
    return list(group.holders)


def events(tender: Tender, kind: str) -> list[Json]:
    query = select(Event.body).where(Event.tender == tender.reference, Event.type == kind).order_by(Event.at, Event.id)
    return [parse(body) for body in db.session.scalars(query)]


# -- people ------------------------------------------------------------------------------------------------------------


@dataclass
class Member:
    """A person of a committee with its device: the same program that a service runs, without a server."""

    actor: Actor
    device: Holder

    def ask(self, now: datetime | None = None, **request: Any) -> str:
        """What the device answers; only this application can ask it."""
        told = {"v": 1, "type": "khrequest", **request}
        signed = note.sign_object("khrequest", told, keys.name_of("agency"), keys.load("agency"))
        return self.device.answer(signed, now or time.now())

    @property
    def vkey(self) -> str:
        return str(self.device.who()["vkey"])

    def make_keys(self, tender: Tender) -> None:
        lanes = holders.lanes_of(tender)
        notes = {lane: self.ask(ask="key", tender=tender.reference, lane=lane) for lane in lanes}
        with transaction():
            holders.register_keys(tender.id, self.vkey, notes, self.actor, time.now())

    def prove(self, tender: Tender, *media: str) -> list[bool]:
        found = []
        for medium in media:
            with transaction():
                test = readiness.start_test(tender.id, medium, self.actor, time.now())
            asked: Json = {"tender": tender.reference, "medium": "T-1h", "envelopes": test.envelopes}
            answer = note.open_object(self.ask(ask="test", **asked), "khtest", [self.vkey])
            texts = {lane: unb64u(text) for lane, text in answer["texts"].items()}
            with transaction():
                found.append(readiness.answer_test(test.id, texts, self.actor, time.now()))
        return found

    def contribute(self, tender: Tender) -> None:
        with transaction():
            holders.add_seed(tender.id, self.ask(ask="seed", box=tender.box), self.actor, time.now())

    def give(self, tender: Tender, clock: Any) -> None:
        """Its pieces of every part of the price lane, after the checks that a service makes."""
        common = release.request_of(tender, "price")
        for number, part in enumerate(list(release.parts_of(tender, "price"))):
            items = [{"statement": item["statement"], "envelope": item["envelope"]} for item in part]
            told = {"v": 1, "type": "khrequest", **common, "items": items}
            if number:
                told["consistency"] = []
            signed = note.sign_object("khrequest", told, keys.name_of("agency"), keys.load("agency"))
            answer = self.device.answer(signed, clock())
            with transaction():
                release.deposit(tender.id, "price", number, answer, self.actor, clock())


def committee(tender: Tender, people: Sequence[Actor], folder: Path, officer: Actor, policy: str) -> list[Member]:
    """Named in the draft, keys made, ready from both media."""
    with transaction():
        ids = [person_of(one) for one in people]
        holders.choose_holders(tender.id, policy, ids, officer, time.now())
    members = [Member(actor, program(f"M{n}", folder / f"M{n}")) for n, actor in enumerate(people, start=1)]
    for member in members:
        member.make_keys(tender)
        assert member.prove(tender, "medium-1", "medium-2") == [True, True]
    return members


def person_of(actor: Actor) -> UUID:
    assert actor.person_id is not None
    return actor.person_id


def people(agency: Agency, count: int) -> list[Actor]:
    """Keyholders of an agency, by role and name."""
    with transaction():
        organisation = get_organisation(agency.organisation_id)
        return [
            actor_for(
                create_person(
                    organisation,
                    f"keyholder{n}@{organisation.code.lower()}.go.kr",
                    f"위원 {n}",
                    PASSWORD,
                    [Role.KEYHOLDER],
                    system(),
                    time.now(),
                )
            )
            for n in range(1, count + 1)
        ]
