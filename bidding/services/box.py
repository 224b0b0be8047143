"""Making the sealed box of a tender: the notice as hashed, the holders' keys and groups, the seeds of the draw."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app import files, keys
from app.audit import policies
from app.errors import InvalidInput
from app.ids import new_id
from app.time import wire
from app.tlog import note
from app.tlog.canon import jcs
from bidding import payload
from bidding.draw import make_rates, number_prices, price_at
from bidding.keyholder.panel import Panel
from bidding.models import Attachment, Tender
from bidding.policy import Medium
from bidding.rules.fitting import check_fit
from bidding.scoring import QuantityScoring, read_scoring
from bidding.sealing import Lane, box_id, make_ctx, seal_envelope
from bidding.services import holders
from bidding.services.readiness import test_services
from bidding.statement import make_statement, statement_hash
from bidding.types import DrawRule, NoticeTerms

Json = dict[str, Any]
LOT = "1"
BID_STATEMENT_MAX = 65_536
PRICES = 15
# The statement of the agency's own seed names no browser build.
NO_CLIENT = "0" * 64


def terms_of(tender: Tender) -> NoticeTerms:
    """What the notice fixes for the evaluation."""
    if tender.reference is None or tender.rule_version is None:
        raise ValueError("a tender has its terms once it has its reference and its rule version")
    return terms_as(tender, tender.reference, tender.rule_version)


def terms_as(tender: Tender, reference: str, rule_version: str) -> NoticeTerms:
    """The same under another name: of a draft, which has none yet."""
    return NoticeTerms(
        tender=reference,
        method=tender.method,
        floor_rate=tender.floor_rate,
        rule_version=rule_version,
        lot=LOT,
        a_value_won=tender.a_value_won,
        minimum_valid=tender.minimum_bids,
        regime=tender.regime,
        kind=tender.kind,
        is_rebid=tender.first_ord > 0,  # 재공고; a rebid (재입찰) of the first notice is that notice still
        scoring=read_scoring(tender.method, tender.scoring),
    )


def draw_rule_of(tender: Tender) -> DrawRule:
    """±2 % is cut into fifteen equal segments, ±3 % into seven rates above and eight below; given prices are given.

    In mode M0 nothing is drawn but a seed.
    """
    if tender.draw_mode == "M0":
        return DrawRule.none()
    if tender.base_amount_won is None:
        raise ValueError("a tender has its draw once it has its base amount")
    scoring = read_scoring(tender.method, tender.scoring)
    kind = "given" if tender.draw_mode == "M3" else "split" if tender.range_high == 103_000 else "segments"
    return DrawRule(
        base={LOT: tender.base_amount_won},
        mode=tender.draw_mode,
        kind=kind,
        lo=tender.range_low,
        hi=tender.range_high,
        n=PRICES,
        round=tender.rounding,
        order=tender.draw_order,
        quantity=scoring.quantity if isinstance(scoring, QuantityScoring) else None,
    )


def notice_of(tender: Tender, rows: Sequence[Tender], attachments: Sequence[Attachment]) -> Json:
    """The notice as a canonical object; its hash is in the box, its bytes are public. Field names are KONEPS's.

    `rows`: the lots of the notice, or the tender alone. What does not apply is absent.
    """
    return {
        "v": 1,
        "type": "notice",
        "terms": terms_of(tender).to_json(),
        "bidNtceNo": tender.number,
        "bidNtceOrd": f"{tender.first_ord:03d}",
        "bidNtceNm": tender.title,
        "bsnsDivNm": tender.kind,
        "ntceInsttCd": tender.agency.code,
        "ntceInsttNm": tender.agency.name_ko,
        "presmptPrce": str(tender.estimated_value_won),
        "bssAmt": str(tender.base_amount_won),
        "prtcptPsblRgnCd": list(tender.regions),
        "indstrytyCd": list(tender.licence_codes),
        "sizes": list(tender.sizes),
        "description": tender.description,
        "delivery_place": tender.delivery_place,
        "delivery_on": tender.delivery_on.isoformat() if tender.delivery_on else None,
        "bids_from_at": wire(tender.bids_from_at) if tender.bids_from_at else None,
        "closes_at": wire(tender.closes_at) if tender.closes_at else None,
        "opens_at": wire(tender.opens_at) if tender.opens_at else None,
        "is_practice": tender.is_practice,
        "attachments": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in attachments],
        **({"documents": tender.asked_documents} if tender.asked_documents else {}),
        **({"bid_bond": {"rate": tender.bid_bond_rate}} if tender.bid_bond_rate is not None else {}),
        **({"standstill_days": tender.standstill_days} if tender.standstill_days else {}),
        **({"rbidNo": f"{tender.rbid_no:03d}", "rebid_bidders": tender.rebid_bidders} if tender.rbid_no else {}),
        **({"lots": lots_of(tender, rows)} if tender.lot_group is not None else {}),
        **({"joint": tender.joint} if tender.joint else {}),
        **({"framework": {"winners": tender.framework_winners}} if tender.framework_winners else {}),
    }


def lots_of(tender: Tender, rows: Sequence[Tender]) -> Json:
    """Which lot of the notice this is, all lots of it, and how much of them one bidder may win (docs/protocol.md 4)."""
    group = tender.lot_group
    assert group is not None
    limit = {"max_lots": group.max_lots, "max_won": str(group.max_won) if group.max_won is not None else None}
    return {
        "bidClsfcNo": tender.lot_no,
        "of": [
            {
                "bidClsfcNo": row.lot_no,
                "tender": row.reference,
                "name": row.lot_name,
                "text": row.lot_text,
                "presmptPrce": str(row.estimated_value_won),
                "bssAmt": str(row.base_amount_won),
            }
            for row in rows
        ],
        "order": list(group.award_order) or [row.lot_no for row in rows],
        "limit": {name: value for name, value in limit.items() if value is not None},
    }


def make_box(
    tender: Tender,
    rows: Sequence[Tender],
    attachments: Sequence[Attachment],
    panel: Panel,
    prices: Sequence[int],
    now: datetime,
) -> None:
    """Freeze `tender` into a box: notice hash, holders' keys and groups, seeds sealed in advance (protocol 3.3, 3.4).
    `rows`: the lots of its notice.

    In mode M3 `prices` are sealed as given; empty, the system draws them here and forgets them. Members of a committee
    add their contributions while the tender is in review. Raises KeyholderRefused or TemporarilyUnavailable, or
    InvalidInput while a member has no keys; nothing is kept of a box that is not finished.
    """
    if keyless := [one.name for one in holders.members_of(tender) if one.vkey is None]:
        raise InvalidInput("a member of the committee has no keys yet", field="members", names=keyless)
    _check_fit(tender)
    notice = jcs(notice_of(tender, rows, attachments))
    tender.notice_sha256 = files.store(notice)
    holders.take_service_keys(tender, panel, now)
    tender.box = {
        "v": 1,
        "type": "box",
        "tender": tender.reference,
        "notice_sha256": tender.notice_sha256,
        "suite": "S1",
        "lanes": {lane: _lane(tender, panel, lane) for lane in holders.lanes_of(tender)},
        "draw": draw_rule_of(tender).to_json(),
        "replace": "forbidden",
        "bid_statement_max": BID_STATEMENT_MAX,
        "policy": _keep_policy(),
        **({"first": "docs"} if scores_proposals(tender) else {}),
    }
    tender.box_id = box_id(tender.box)
    tender.box_note = None
    tender.seeds = _seeds(tender, panel, prices, now)
    test_services(tender, panel, Medium.RESTORED, now)


def _check_fit(tender: Tender) -> None:
    try:
        check_fit(terms_of(tender), draw_rule_of(tender))
    except ValueError as error:
        raise InvalidInput(str(error), field="method") from error


def scores_proposals(tender: Tender) -> bool:
    """Whether evaluators score proposals before any price is opened."""
    return bool(tender.scoring and tender.scoring.get("technical"))


def _lane(tender: Tender, panel: Panel, lane: str) -> Json:
    try:
        groups = holders.planned_groups(tender, panel)
    except ValueError as error:
        raise InvalidInput(str(error), field="holder_policy") from error
    notes = tender.khkeys(lane)
    keyed = [
        {"id": one.holder, "pub": note.open_object(notes[one.holder], "khkey", [str(one.vkey)])["pub"]}
        for one in tender.holders
    ]
    return {"holders": keyed, "groups": [list(group) for group in groups], "release": "ceks"}


def _keep_policy() -> str | None:
    """The hash of the witness policy in force, its text kept for the bundle; None where there is no policy file."""
    policy = policies.in_force()
    return files.store(policy.text.encode()) if policy.sha256 is not None else None


def sign_box(tender: Tender) -> str:
    """The box as a note of the agency's key: made once two persons have approved it."""
    assert tender.box is not None  # in review, by CHECK
    return note.sign_object("box", tender.box, keys.name_of("agency"), keys.load("agency"))


def _seeds(tender: Tender, panel: Panel, prices: Sequence[int], now: datetime) -> list[Json]:
    """The agency's seed; in M2 the services' contributions; in M3 the prices. Each `{stmt, statement, envelope}`."""
    seeds = [_own_seed(tender, "@agency", payload.make_seed(), now)]
    if tender.draw_mode == "M2":
        seeds += [_seed(*pair) for pair in holders.take_service_seeds(tender, panel)]
    if tender.draw_mode == "M3":
        given = list(prices) or _system_prices(tender)
        seeds.append(_own_seed(tender, "@prices", payload.make_prices(given), now))
    return seeds


def _own_seed(tender: Tender, supplier: str, plain: bytes, now: datetime) -> Json:
    assert tender.box is not None
    assert tender.box_id is not None
    assert tender.reference is not None
    ctx = make_ctx(box=tender.box_id, tender=tender.reference, lot=LOT, supplier=supplier, bid=str(new_id()))
    _, envelope = seal_envelope(ctx, Lane.from_json(tender.box["lanes"]["price"]), plain)
    notice_sha256 = tender.box["notice_sha256"]
    return _seed(make_statement(ctx, envelope, notice_sha256=notice_sha256, client=NO_CLIENT, made=now), envelope)


def _seed(statement: Json, envelope: Json) -> Json:
    return {"stmt": statement_hash(statement), "statement": statement, "envelope": envelope}


def _system_prices(tender: Tender) -> list[int]:
    """Fifteen prices by the notice's own rule from fresh randomness, used once and forgotten."""
    assert tender.base_amount_won is not None
    base, kind = tender.base_amount_won, "split" if tender.range_high == 103_000 else "segments"
    rule = DrawRule(base={LOT: base}, mode="M1", kind=kind, lo=tender.range_low, hi=tender.range_high)
    seed = secrets.token_bytes(32)
    return number_prices(seed, LOT, [price_at(base, rate) for rate in make_rates(seed, LOT, rule)])
