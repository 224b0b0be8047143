"""Too few keyholders are left: two officers decide, bidders give their keys, all are opened together or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import files, time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, DeadlinePassed, Forbidden, IllegalTransition, InvalidInput, NotFound, SamePerson
from app.ids import new_id
from app.tlog.canon import b64u, unb64u
from bidding.bid_file import make_bid_file
from bidding.keyholders import configured
from bidding.models import Bid, Bundle, SuppliedKey, Tender
from bidding.payload import make_price
from bidding.recover import sealed_from
from bidding.rehearsal.cast import Agency, Bidder
from bidding.resupply import open_key, seal_key
from bidding.sealing import Lane, make_ctx, seal_envelope
from bidding.services import bundling, recovery
from bidding.services.box import LOT
from bidding.services.opening import open_recovered
from bidding.services.submission import SealedBid, submit_bid
from bidding.statement import make_statement, sign_statement, statement_hash
from bidding.states import TenderState
from tests.bidding.conftest import Later, Stage
from tests.bidding.holding import House, events, house, try_to_open
from tests.bidding.node import ask
from tests.bidding.staging import an_agency, bidders, published

AMOUNTS = (90_000_000, 91_000_000, 92_000_000)
UNTIL = timedelta(days=2)
PASSPHRASE = "a long enough passphrase"


@pytest.fixture
def three(app: Flask, tmp_path: Path, later: Later) -> Iterator[House]:
    with house(app, tmp_path / "keyholders", later) as built:
        yield built


class Case:
    """A tender whose opening is stuck, and the keys that its bidders kept."""

    def __init__(self, three: House, later: Later, amounts: tuple[int, ...] = AMOUNTS) -> None:
        self.agency, self.later = an_agency(), later
        self.firms = bidders(len(amounts))
        self.submissions: dict[str, dict[str, Any]] = {}
        self.tender = published(self.agency, configured())
        self.keys: dict[str, tuple[bytes, dict[str, Any]]] = {}
        self.bids = [self.bid(firm, won) for firm, won in zip(self.firms, amounts, strict=True)]
        Stage(configured(), later).close(self.tender)
        for name in ("A", "B"):
            three.stop(name)
        assert not try_to_open(self.tender, later)

    def bid(self, firm: Bidder, won: int) -> Bid:
        tender = self.tender
        assert tender.box is not None
        ctx = make_ctx(
            box=str(tender.box_id), tender=str(tender.reference), lot=LOT, supplier=firm.business_number,
            bid=str(new_id()),
        )  # fmt: skip
        cek, envelope = seal_envelope(ctx, Lane.from_json(tender.box["lanes"]["price"]), make_price(won, (1, 2)))
        now = time.now()
        statement = make_statement(ctx, envelope, notice_sha256=str(tender.notice_sha256), client="0" * 64, made=now)
        signature = sign_statement(statement_hash(statement), firm.kid, firm.key)
        submission = {
            "statement": statement, "signature": signature, "env_price": envelope, "env_docs": None,
        }  # fmt: skip
        with transaction():
            sealed = SealedBid(statement, signature, envelope, None)
            made = submit_bid(str(tender.reference), sealed, firm.actor, now).bid
        self.keys[made.stmt], self.submissions[made.stmt] = (cek, ctx), submission
        return made

    def ask(self, actor: Any = None, reason: str = "A와 B의 저장 매체가 모두 망가졌습니다.") -> None:
        with transaction():
            at = self.later()
            recovery.ask_recovery(self.tender.id, reason, at + UNTIL, actor or self.agency.officer, at)

    def approve(self) -> str:
        with transaction():
            return str(recovery.approve_recovery(self.tender.id, self.agency.approver, self.later()).public)

    def file(self, number: int) -> bytes:
        """What this bidder saved when it bid."""
        stmt = self.bids[number].stmt
        return make_bid_file(self.submissions[stmt], self.keys[stmt][0], None, PASSPHRASE)

    def supply(self, number: int, public: str, key: bytes | None = None) -> None:
        bid, firm = self.bids[number], self.firms[number]
        cek, ctx = self.keys[bid.stmt]
        with transaction():
            recovery.supply_key(bid.id, seal_key(key or cek, ctx, public), firm.actor, self.later)


@pytest.fixture
def case(three: House, later: Later) -> Case:
    return Case(three, later)


def test_keys_that_bidders_give_open_their_bids_and_the_bundle_verifies(case: Case, tmp_path: Path) -> None:
    case.ask()
    public = case.approve()
    case.supply(0, public)
    case.supply(1, public)
    with transaction():
        assert not open_recovered(case.tender.id, case.later)  # before the end nothing is opened
    assert db.session.scalar(select(Bid.id).where(Bid.amount_won.is_not(None))) is None
    case.later.ahead += UNTIL
    with transaction():
        assert open_recovered(case.tender.id, case.later)
    run_step()
    db.session.expire_all()
    tender = db.session.get_one(Tender, case.tender.id)
    assert tender.state == TenderState.OPENED
    found = {bid.id: (bid.state, bid.amount_won, bid.fault) for bid in db.session.scalars(select(Bid))}
    assert [found[bid.id] for bid in case.bids] == [
        ("opened", AMOUNTS[0], None), ("opened", AMOUNTS[1], None), ("malformed", None, "not-recovered")
    ]  # fmt: skip
    told = events(tender, "opening.recovery")[0]
    assert (told["public"], len(set(told["approvals"]))) == (public, 2)
    case.later.ahead = timedelta()
    with transaction():
        bundling.publish_bundle(tender.id, "opening", time.now())
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256))
    command = [sys.executable, "-m", "bidding.verify", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_key_that_is_not_the_committed_one_opens_nothing(case: Case) -> None:
    case.ask()
    public = case.approve()
    for number in (0, 1):
        case.supply(number, public)
    case.supply(2, public, bytes(32))
    case.later.ahead += UNTIL
    with transaction():
        assert open_recovered(case.tender.id, case.later)
    db.session.expire_all()
    assert db.session.get_one(Bid, case.bids[2].id).fault == "cek-commitment"


def test_one_key_alone_fails_the_tender_for_want_of_valid_bids(case: Case) -> None:
    case.ask()
    case.supply(0, case.approve())
    case.later.ahead += UNTIL
    with transaction():
        open_recovered(case.tender.id, case.later)
    db.session.expire_all()
    tender = db.session.get_one(Tender, case.tender.id)
    assert (tender.state, tender.failure) == (TenderState.FAILED, "too-few-valid-bids")


def test_it_takes_two_persons_a_reason_and_an_end_ahead(case: Case) -> None:
    with pytest.raises(InvalidInput):
        case.ask(reason=" ")
    with pytest.raises(Forbidden):
        case.ask(case.agency.approver)
    with pytest.raises(NotFound):
        case.approve()
    case.ask()
    case.ask(reason="사유를 고쳐 다시 올립니다.")
    with pytest.raises(Forbidden), transaction():
        recovery.approve_recovery(case.tender.id, case.agency.officer, case.later())
    case.approve()
    for again in (case.ask, case.approve):
        with pytest.raises(AlreadyDone):
            again()


def test_the_database_itself_wants_two_persons(case: Case) -> None:
    case.ask()
    both = case.agency.officer
    with pytest.raises(SamePerson), transaction():
        powerful = replace(both, permissions=both.permissions | {"tender:approve"})
        recovery.approve_recovery(case.tender.id, powerful, case.later())


def test_while_a_group_is_left_nothing_is_recovered(three: House, later: Later) -> None:
    agency = an_agency()
    tender = published(agency, configured())
    with pytest.raises(IllegalTransition), transaction():
        recovery.ask_recovery(tender.id, "아직 이릅니다.", time.now() + UNTIL, agency.officer, time.now())


def test_only_the_bidder_gives_its_key_and_only_before_the_end(case: Case) -> None:
    bid, other = case.bids[0], case.firms[1]
    with pytest.raises(NotFound), transaction():  # nothing is in force yet
        recovery.supply_key(bid.id, bytes(80), case.firms[0].actor, case.later)
    case.ask()
    public = case.approve()
    with pytest.raises(NotFound), transaction():
        recovery.supply_key(bid.id, bytes(80), other.actor, case.later)
    with pytest.raises(InvalidInput), transaction():
        recovery.supply_key(bid.id, bytes(79), case.firms[0].actor, case.later)
    case.supply(0, public, bytes(32))
    case.supply(0, public)  # a later one replaces it
    assert len(db.session.scalars(select(SuppliedKey)).all()) == 1
    case.later.ahead += UNTIL
    with pytest.raises(DeadlinePassed):
        case.supply(0, public)


def test_what_is_given_is_not_in_the_database_in_clear(app: Flask, case: Case) -> None:
    case.ask()
    case.supply(0, case.approve())
    cek, _ = case.keys[case.bids[0].stmt]
    row = db.session.scalars(select(SuppliedKey)).one()
    assert cek not in row.sealed
    path = Path(app.config["NARU_KEYS_DIR"]) / "recovery" / f"{case.tender.reference}.key"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_bid_file_seals_its_key(case: Case) -> None:
    cek, ctx = case.keys[case.bids[-1].stmt]
    case.ask()
    public = case.approve()
    sealed = sealed_from(case.file(-1), PASSPHRASE, public)
    assert len(sealed) == len(b64u(seal_key(cek, ctx, public))) == 107


def test_the_browser_seals_the_same_key_and_refuses_what_is_not_this_bid(case: Case) -> None:
    recovery_key = X25519PrivateKey.generate()
    public = b64u(recovery_key.public_key().public_bytes_raw())
    stmt = case.bids[0].stmt
    cek, ctx = case.keys[stmt]
    (made,) = ask(
        "makeBidFiles",
        [{"submission": case.submissions[stmt], "price": cek.hex(), "docs": None, "passphrase": PASSPHRASE,
          "receipt": None}],
    )  # fmt: skip
    for_python = sealed_from(made["ok"].encode(), PASSPHRASE, public)  # the browser's file, Python's seal
    assert open_key(unb64u(for_python), ctx, recovery_key) == cek
    right = {"text": case.file(0).decode(), "passphrase": PASSPHRASE, "stmt": stmt, "pub": public}
    wrong = [
        {**right, "text": case.file(1).decode()},
        {**right, "passphrase": "another passphrase"},
        {**right, "text": "{}"},
        {**right, "pub": "AAAA"},
    ]
    first, again, *refused = ask("resupply", [right, right, *wrong])
    for answer in (first, again):  # Python's file, the browser's seal
        assert len(answer["ok"]) == 107
        assert open_key(unb64u(answer["ok"]), ctx, recovery_key) == cek
        assert open_key(unb64u(answer["ok"]), {**ctx, "bid": str(new_id())}, recovery_key) is None
    assert first != again
    assert [answer["fault"] for answer in refused[:3]] == ["other-bid", "passphrase", "not-a-bid-file"]
    assert "fault" in refused[3]


def test_the_pages_lead_through_it(client: FlaskClient, sign_in: Any, case: Case) -> None:
    def person(actor: Any) -> Person:
        return db.session.get_one(Person, actor.person_id)

    manage = f"/tenders/{case.tender.reference}/manage"
    sign_in(client, person(case.agency.officer))
    assert "개찰을 계속할 수 없습니다" in client.get(manage).text
    until = (time.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    sent = {"reason": "A와 B의 저장 매체가 모두 망가졌습니다.", "until_at": until}
    assert client.post(f"/tenders/{case.tender.reference}/recovery", data=sent).status_code == 302
    sign_in(client, person(case.agency.approver))
    assert "입찰자에게 키를 요청하시겠습니까" in client.get(manage).text
    assert client.post(f"/tenders/{case.tender.reference}/recovery/approve").status_code == 302
    found = recovery.find_recovery(case.tender.id)
    assert found is not None
    assert found.public is not None
    sign_in(client, person(case.firms[0].actor))
    bid = case.bids[0]
    page = client.get(f"/bids/{bid.id}").text
    assert found.public in page
    cek, ctx = case.keys[bid.stmt]
    for sealed, count in (("nonsense", 0), (b64u(seal_key(cek, ctx, found.public)), 1)):
        client.post(f"/bids/{bid.id}/recovery", data={"sealed": sealed})
        assert len(db.session.scalars(select(SuppliedKey)).all()) == count


def test_a_stranger_to_the_agency_proposes_nothing(case: Case) -> None:
    other: Agency = an_agency(2)
    with pytest.raises(Forbidden):
        case.ask(other.officer)
