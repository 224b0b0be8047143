"""The keyholders of a tender: choosing them, taking their keys and contributions, proving that they can open.

A service is asked when the box is made. A member of a committee is named in the draft, makes keys on its own device,
and proves on two saved media that it can open (protocol 3.4). Decision 0010 tells how the two go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app import audit
from app.auth import Actor
from app.auth.models import Person
from app.db import db
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound
from app.numbers import next_number
from app.tlog import note
from app.tlog.canon import unb64u
from bidding.keyholder.panel import Panel, Service
from bidding.models import HolderTest, Tender, TenderHolder
from bidding.payload import LENGTH
from bidding.policy import MAX_MEMBERS, MIN_MEMBERS, Groups, HolderPolicy, groups_of
from bidding.sealing import Lane, SealingError, check_envelope
from bidding.services.access import lock_tender, person_id
from bidding.services.lots import lock_draft
from bidding.statement import check_pair, check_statement, ctx_of, statement_hash
from bidding.states import TenderState

Json = dict[str, Any]
LOT = "1"
KEY = 32


def lanes_of(tender: Tender) -> tuple[str, ...]:
    """What is sealed: the price; documents as well where the tender asks for them."""
    return ("price", "docs") if tender.asked_documents else ("price",)


def services_of(tender: Tender, panel: Panel) -> Panel:
    """Which services of the settings hold keys of this tender by its policy."""
    few = {HolderPolicy.SERVICES: len(panel.services), HolderPolicy.HYBRID: 1, HolderPolicy.COMMITTEE: 0}
    return Panel(panel.services[: few[HolderPolicy(tender.holder_policy)]])


def members_of(tender: Tender) -> list[TenderHolder]:
    return [one for one in tender.holders if one.kind == "member"]


def planned_groups(tender: Tender, panel: Panel) -> Groups:
    """The groups that the box would have. ValueError while the policy lacks holders."""
    services = services_of(tender, panel).holders
    return groups_of(HolderPolicy(tender.holder_policy), services, [one.holder for one in members_of(tender)])


# -- members, in the draft ---------------------------------------------------------------------------------------------


def choose_holders(tender_id: UUID, policy: str, members: Sequence[UUID], actor: Actor, now: datetime) -> Tender:
    """Say who is to hold the keys: services alone, or these persons (three to five), or a service and these persons.

    A member that stays keeps its keys; the order decides the ids M1, M2, … The tender gets its number here, for the
    members' keys name it. Raises InvalidInput, NotFound (no such person), IllegalTransition (no draft any more).
    """
    rows = _draft(tender_id, actor)
    chosen = HolderPolicy(policy)
    if chosen == HolderPolicy.SERVICES:
        members = ()
    elif not MIN_MEMBERS <= len(members) <= MAX_MEMBERS or len(set(members)) != len(members):
        raise InvalidInput("a committee has three to five different members", field="members")
    for row in rows:
        _choose(row, chosen, members, now)
    return rows[0]


def _choose(tender: Tender, chosen: HolderPolicy, members: Sequence[UUID], now: datetime) -> None:
    """For one lot, or the whole tender: a member has keys of its own for each lot."""
    before = {one.person_id: one for one in members_of(tender)}
    tender.holder_policy = chosen
    if list(before) == list(members):
        return
    tender.holders = []
    db.session.flush()  # their ids and places are given anew
    for place, member in enumerate(members, start=1):
        tender.holders.append(_member(place, member))
    if members:
        give_reference(tender, now)


def share_members(first: Tender, lot: Tender, now: datetime) -> None:
    """A lot added to a draft has the keyholders of its notice; members make keys for it, too."""
    members = [one.person_id for one in members_of(first) if one.person_id is not None]
    _choose(lot, HolderPolicy(first.holder_policy), members, now)


def _member(place: int, member: UUID) -> TenderHolder:
    person = db.session.get(Person, member)
    if person is None or not person.is_active:
        raise NotFound(f"no person {member}")
    organisation = person.organisation
    return TenderHolder(
        holder=f"M{place}",
        position=100 + place,  # after every service
        kind="member",
        person_id=member,
        name=person.name,
        operator=organisation.name_ko,
        khkeys={},
    )


def _number_of_notice(tender: Tender) -> str | None:
    """The number that another lot of the notice has been given."""
    if tender.lot_group_id is None:
        return None
    db.session.flush()
    numbers = select(Tender.number).where(Tender.lot_group_id == tender.lot_group_id, Tender.number.is_not(None))
    return db.session.scalar(numbers.limit(1))


def give_reference(tender: Tender, now: datetime) -> str:
    """The name of the tender in every signed object, given once: number, lot from the second on, first 차수."""
    if tender.number is None:
        tender.number = _number_of_notice(tender) or next_number("BK", now, is_practice=tender.is_practice)
    tender.ord = tender.first_ord
    lot = f"L{tender.lot_no:02d}" if tender.lot_no > 1 else ""
    again = f"-R{tender.rbid_no:02d}" if tender.rbid_no else ""  # 재입찰: the same number and 차수
    tender.reference = f"{tender.number}{lot}-{tender.first_ord:03d}{again}"
    return tender.reference


def register_keys(tender_id: UUID, vkey: str, khkeys: Mapping[str, str], actor: Actor, now: datetime) -> TenderHolder:
    """Take a member's public keys: `vkey` signs its notes, `khkeys` are those notes by lane (protocol 3.3).

    In the draft only, for the box is made of them; new keys replace the old, whose tests count no more. Raises
    Forbidden for whoever is no member, InvalidInput for notes that are not this member's keys of this tender.
    """
    tender = lock_tender(tender_id)
    holder = _own_seat(tender, actor)
    if tender.state != TenderState.DRAFT:
        raise IllegalTransition("keys are taken until the box is made", state=tender.state, event="register_keys")
    if set(khkeys) != set(lanes_of(tender)):
        raise InvalidInput("a key for each lane", field="khkeys")
    for lane, signed in khkeys.items():
        check_khkey(signed, vkey, tender=str(tender.reference), lane=lane, holder=holder.holder)
    holder.vkey, holder.khkeys, holder.keys_at, holder.ready_at = vkey, dict(khkeys), now, None
    db.session.execute(delete(HolderTest).where(HolderTest.tender_id == tender.id, HolderTest.holder == holder.holder))
    audit.emit(
        "keyholder.key_made", actor, now, subject=holder.audit_subject, tender=tender.reference,
        holder=holder.holder, vkey=vkey, khkeys=dict(khkeys),
    )  # fmt: skip
    return holder


def check_khkey(signed: str, vkey: str, *, tender: str, lane: str, holder: str) -> str:
    """The public key (base64url) in a holder's own note. InvalidInput for anything else."""
    try:
        key = note.open_object(signed, "khkey", [vkey])
        named = (key["tender"], key["lane"], key["holder"], key["suite"], key["v"], key["type"])
        if named != (tender, lane, holder, "S1", 1, "khkey") or len(unb64u(key["pub"])) != KEY:
            raise ValueError("the note is for something else")
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"not the key of {holder} for {lane}: {error}", field="khkeys") from error
    return str(key["pub"])


# -- services, when the box is made ------------------------------------------------------------------------------------


def take_service_keys(tender: Tender, panel: Panel, now: datetime) -> None:
    """A row with fresh notes for every service of the tender. Raises as `Panel.all_of`."""
    reference, lanes = str(tender.reference), lanes_of(tender)

    def ask(service: Service) -> tuple[str, dict[str, str]]:
        vkey = service.who().vkey
        wanted = {"ask": "key", "tender": reference}
        return vkey, {lane: service.client.ask({**wanted, "lane": lane}, "khkey", vkey) for lane in lanes}

    services = services_of(tender, panel)
    drop_services(tender)
    for place, (service, (vkey, khkeys)) in enumerate(zip(services, services.all_of(ask).values(), strict=True)):
        tender.holders.append(
            TenderHolder(
                holder=service.holder,
                position=place,
                kind="service",
                name=service.holder,
                operator=service.operator,
                vkey=vkey,
                khkeys=khkeys,
                keys_at=now,
            )
        )
    tender.holders.sort(key=lambda one: one.position)
    db.session.flush()


def drop_services(tender: Tender) -> None:
    """The box is void: its services are asked anew for the next one. Members keep their seats and keys."""
    tender.holders = members_of(tender)
    db.session.flush()


def take_service_seeds(tender: Tender, panel: Panel) -> list[tuple[Json, Json]]:
    """Each service's sealed contribution (mode M2): statement and envelope. Raises as `Panel.all_of`."""
    box, vkeys = tender.box, tender.holder_vkeys

    def ask(service: Service) -> tuple[Json, Json]:
        vkey = vkeys[service.holder]
        answer = note.open_object(service.client.ask({"ask": "seed", "box": box}, "khseed", vkey), "khseed", [vkey])
        return answer["statement"], answer["envelope"]

    return list(services_of(tender, panel).all_of(ask).values())


def add_seed(tender_id: UUID, signed: str, actor: Actor, now: datetime) -> Tender:
    """A member's sealed contribution to the draw (mode M2), as a note `khseed` of its key; the same again is fine.

    While the tender is in review: the box is made, and not yet published. Raises Forbidden, IllegalTransition, or
    InvalidInput for a seed that is not this member's, or another one than it gave before.
    """
    tender = lock_tender(tender_id)
    holder = _own_seat(tender, actor)
    if tender.state != TenderState.IN_REVIEW or tender.box is None or tender.draw_mode != "M2":
        raise IllegalTransition("contributions are taken before the publication", state=tender.state, event="add_seed")
    try:
        answer = note.open_object(signed, "khseed", [str(holder.vkey)])
        statement, envelope = answer["statement"], answer["envelope"]
        box = str(tender.box_id)
        check_statement(
            statement, box=box, tender=str(tender.reference), notice_sha256=str(tender.notice_sha256),
            lots=frozenset({LOT}),
        )  # fmt: skip
        if statement["supplier"] != f"@{holder.holder}":
            raise ValueError("another holder's contribution")
        check_pair(statement, envelope)
        check_envelope(envelope, ctx_of(statement), Lane.from_json(tender.box["lanes"]["price"]), LENGTH)
    except (ValueError, KeyError, TypeError, SealingError) as error:
        raise InvalidInput(f"not a contribution: {error}", field="seed") from error
    seed = {"stmt": statement_hash(statement), "statement": statement, "envelope": envelope}
    standing = next((one for one in tender.seeds if one["statement"]["supplier"] == statement["supplier"]), None)
    if standing is not None and standing["stmt"] != seed["stmt"]:
        raise InvalidInput("this member has contributed already", field="seed")
    if standing is None:
        tender.seeds = sorted([*tender.seeds, seed], key=lambda one: _seed_place(tender, one))
        audit.emit(
            "keyholder.seed_given", actor, now, subject=holder.audit_subject, tender=tender.reference,
            holder=holder.holder, stmt=seed["stmt"],
        )  # fmt: skip
    return tender


def missing_seeds(tender: Tender) -> list[str]:
    """Holders whose contribution the draw still needs."""
    if tender.draw_mode != "M2":
        return []
    given = {seed["statement"]["supplier"] for seed in tender.seeds}
    return [one.holder for one in tender.holders if f"@{one.holder}" not in given]


def _seed_place(tender: Tender, seed: Json) -> int:
    """The agency first, then the holders in the order of the box: the order in which seeds count."""
    order = ["@agency", *(f"@{one.holder}" for one in tender.holders)]
    return order.index(seed["statement"]["supplier"])


# -- who may -----------------------------------------------------------------------------------------------------------


def find_seat(tender_id: UUID, person: UUID | None) -> TenderHolder | None:
    """The seat of a person in a tender's committee."""
    if person is None:
        return None
    return db.session.scalar(
        select(TenderHolder).where(TenderHolder.tender_id == tender_id, TenderHolder.person_id == person)
    )


def seats_of(person: UUID, limit: int = 200) -> list[tuple[TenderHolder, Tender]]:
    """Every committee that a person sits in, the newest tender first."""
    query = select(TenderHolder, Tender).join(Tender, Tender.id == TenderHolder.tender_id)
    rows = db.session.execute(query.where(TenderHolder.person_id == person).order_by(Tender.id.desc()).limit(limit))
    return [(seat, tender) for seat, tender in rows.all()]


def _own_seat(tender: Tender, actor: Actor) -> TenderHolder:
    seat = find_seat(tender.id, person_id(actor))
    if seat is None:
        raise Forbidden("not a keyholder of this tender")
    return seat


def _draft(tender_id: UUID, actor: Actor) -> list[Tender]:
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer chooses keyholders", permission="tender:draft")
    return lock_draft(tender_id, actor)
