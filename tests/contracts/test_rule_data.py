"""A contract goes by the rule data of its making: what is adopted later reaches later contracts, and no earlier one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth import Actor, Role, system
from app.db import transaction
from bidding.front import find_bond, find_stamp_duty, rule_book
from bidding.rules import data
from bidding.services import rule_changes, rulebook
from contracts.documents import ContractFacts, Side, contract_document
from contracts.facts import facts_of
from contracts.front import draft_contracts, set_terms, terms_of
from contracts.models import Contract
from contracts.rules import DelayClass, Figures, Regime, Ruled
from contracts.services.figures import figures_from, figures_of
from tests.builders import make_person, sign_in
from tests.contracts.building import (
    DAY,
    NOON,
    Parties,
    accept,
    conclude,
    deliver,
    invoice,
    make_award,
    make_draft,
    make_parties,
)

TODAY = date(2026, 11, 24)
SHIPPED = {str(regime): figures_from(rule_book(None), regime, TODAY) for regime in Regime}

# The papers as they were before contracts took their figures from the rule data (0.1.0), by regime, language, kind.
PAPERS = {
    ("national", "ko", "services"): "72557228f1d28c0758548433f82b2b3d0e29581d3279de9fdf80bc02e2cbc3e8",
    ("national", "ko", "goods"): "7fd0df798e164994b0648cdffcb0cb4dfc815a04d109422b12e20cc6f094bd33",
    ("national", "en", "services"): "dfb9752ffbf6d17dbc4b74fc91090553f7852322500a938e14d788e055685a87",
    ("national", "en", "goods"): "1cce2d160dc765afe0d4328cc8e5f1e107d51b45b011f5302461db1bec3f69f4",
    ("local", "ko", "services"): "1073dcc31a589ce243885c70174d6aa665239538c89899560f42ea67aa3910d0",
    ("local", "ko", "goods"): "120b35d0b81bafec1b8100c6a3e1c36244f7d693c59c4078a3cf20ee2fb0842f",
    ("local", "en", "services"): "310c4983bd6934388748412985592a6c69142379f5b1ec104c620cc33b3d9091",
    ("local", "en", "goods"): "b6b8f530f46f7f89b69efd4cc9316daace16c96c310d45466d18972ebe5d1ad0",
}


def paper_of(facts: ContractFacts) -> str:
    return sha256(repr(contract_document(facts)).encode()).hexdigest()


@pytest.mark.parametrize(("regime", "lang", "kind"), PAPERS)
def test_the_paper_of_an_earlier_contract_is_what_it_was_to_the_letter(regime: str, lang: str, kind: str) -> None:
    is_small = kind == "goods"
    amount_won = 50_000_000 if is_small else 100_000_000
    duty = find_stamp_duty(amount_won, TODAY)
    facts = ContractFacts(
        number="R26TA00000001",
        tender_reference="R26BK00000001-000",
        title="청사 승강기 유지보수",
        kind=kind,
        regime=regime,
        lang="en" if lang == "en" else "ko",
        amount_won=amount_won,
        starts_on=date(2026, 11, 23),
        due_on=date(2026, 12, 23),
        delivery_place="종로구청 본관",
        payment_terms="5일 이내",
        special_terms="",
        delay_class=kind,
        bond_won=0 if is_small else 10_000_000,
        stamp_duty=Ruled(duty.value, duty.legal_basis),
        figures=SHIPPED[regime],
        agency=Side("종로구"),
        supplier=Side("새론"),
        is_practice=False,
    )
    assert paper_of(facts) == PAPERS[regime, lang, kind]


@pytest.mark.parametrize(
    ("up_to_won", "duty_won", "duty_above_won"),
    [
        (10_000_000, 0, 20_000),
        (30_000_000, 20_000, 40_000),
        (50_000_000, 40_000, 70_000),
        (100_000_000, 70_000, 150_000),
        (1_000_000_000, 150_000, 350_000),
    ],
)
def test_the_stamp_duty_changes_a_won_above_each_step(up_to_won: int, duty_won: int, duty_above_won: int) -> None:
    assert find_stamp_duty(up_to_won, TODAY).value == duty_won
    assert find_stamp_duty(up_to_won + 1, TODAY).value == duty_above_won


@pytest.mark.parametrize("regime", list(Regime))
def test_every_figure_names_its_article(regime: Regime) -> None:
    figures = SHIPPED[regime]
    single = (figures.bond_rate, figures.inspection_days, figures.payment_working_days, figures.penalty_cap)
    assert all("제" in one.basis for one in (*single, *figures.daily_rates.values()))
    assert (DelayClass.FOOD in figures.daily_rates) is (regime is Regime.NATIONAL)


# ---- a change of the law ----


def _operators() -> list[Actor]:
    people = [make_person([Role.OPERATOR]) for _ in range(2)]
    may = frozenset({"rules:propose", "rules:approve"})
    return [replace(system(), person_id=one.id, handle=f"person:{one.id}", permissions=may) for one in people]


def _cut(text: str, head: str, old: str, new: str) -> str:
    """`text` with the row that `head` begins ending today, and one of `new` figures from tomorrow on."""
    start = text.index(head)
    end = text.find("[[row]]", start)
    row = text[start : end if end >= 0 else len(text)]
    assert old in row
    earlier = row.replace("or_earlier = true", "or_earlier = true\nto = 2026-11-24")
    later = row.replace(old, new).replace("or_earlier = true\n", "").replace("from = 2019-01-01", "from = 2026-11-24")
    return text[:start] + earlier.rstrip() + "\n\n[[row]]\n" + later.rstrip() + "\n\n" + text[start + len(row) :]


def _single(item: str) -> str:
    return f'regime = "national"\nitem = "{item}"\n'


def adopt_other_figures() -> str:
    """From 24 November 2026 on: bonds of 15 % above 30 million, 20 days, 7 working days, 2/1000, a cap of 40 %."""
    first, second = _operators()
    book = rulebook.current()
    bond = 'regime = "national"\nbond = "contract"\ncircumstance = "usual"\n'
    bonds = _cut(book.texts["bonds"], bond, "rate = 10_000", "rate = 15_000")
    head, _, tail = bonds.partition("rate = 15_000")
    bonds = head + "rate = 15_000" + tail.replace("50_000_000", "30_000_000", 1)
    rate = 'regime = "national"\ndelay_class = "services"\n'
    single = book.texts["figures"]
    for item, old, new in (
        ("inspection-days", "14", "20"),
        ("payment-working-days", "5", "7"),
        ("penalty-cap-rate", "30_000", "40_000"),
    ):
        single = _cut(single, _single(item), f"value = {old}", f"value = {new}")
    with transaction():
        change = rule_changes.start(first, NOON + DAY)
        rule_changes.write(change.id, "bonds", bonds, first)
        rule_changes.write(change.id, "figures", single, first)
        rule_changes.write(
            change.id,
            "late_penalties",
            _cut(book.texts["late_penalties"], rate, "daily_rate = 125", "daily_rate = 200"),
            first,
        )
        looked = rule_changes.look(change, NOON + DAY)
        assert looked.problems == ()
        rule_changes.propose(change.id, "개정", first, NOON + DAY)
        rule_changes.adopt(change.id, str(change.sha256), second, NOON + DAY)
    return str(change.version)


def drafted_later(parties: Parties, amount_won: int = 100_000_000) -> Contract:
    """A contract made on the day on which the other figures hold."""
    tender_id = make_award(parties, amount_won=amount_won)
    with transaction():
        return draft_contracts(tender_id, NOON + DAY)[0]


def test_a_change_that_comes_into_force_reaches_the_contracts_made_after_it_and_no_other(app: Flask) -> None:
    parties = make_parties()
    before = make_draft(parties)
    paper = paper_of(facts_of(before))
    version = adopt_other_figures()
    assert (before.rule_version, before.bond_won) == (data.version(), 10_000_000)
    assert paper_of(facts_of(before)) == paper

    others = make_parties()
    same_day = make_draft(others)  # under the new version, a day before its new rows hold
    assert (same_day.rule_version, same_day.bond_won) == (version, 10_000_000)
    assert figures_of(same_day) == SHIPPED["national"]

    after = drafted_later(make_parties())
    assert (after.rule_version, after.bond_won, after.penalty_cap_rate) == (version, 15_000_000, 40_000)
    assert "7일" in after.payment_terms
    said = repr(contract_document(facts_of(after)))
    assert "20일 이내에 검사" in said
    assert "계약금액의 40%를 한도로" in said
    assert "2/1000" in said


def test_the_days_and_the_penalty_of_each_are_those_of_its_making(app: Flask) -> None:
    parties = make_parties()
    late = NOON + 400 * DAY  # far beyond the cap of either
    contract = conclude(make_draft(parties), parties)
    adopt_other_figures()
    deliver(contract, parties, late)
    delivery = contract.open_delivery
    assert delivery is not None
    assert (delivery.inspection_due_on - delivery.delivered_on).days == 14
    accept(contract, parties, late)
    assert contract.penalty_won == 30_000_000
    invoice(contract, parties, late)

    others = make_parties()
    after = drafted_later(others)
    conclude(after, others, NOON + DAY)
    deliver(after, others, late)
    delivery = after.open_delivery
    assert delivery is not None
    assert (delivery.inspection_due_on - delivery.delivered_on).days == 20
    accept(after, others, late)
    assert after.penalty_won == 40_000_000  # the database knows this contract's cap too
    invoice(after, others, late)
    assert contract.payment_due_on is not None
    assert after.payment_due_on is not None
    assert contract.payment_due_on < after.payment_due_on


def test_settling_the_terms_anew_does_not_bring_later_figures_in(app: Flask) -> None:
    parties = make_parties()
    before = make_draft(parties)
    adopt_other_figures()
    terms = terms_of(before)
    assert terms is not None
    with transaction():
        set_terms(before.number, replace(terms, due_on=terms.due_on + DAY), parties.officer_acts, NOON + 5 * DAY)
    assert (before.bond_won, before.penalty_cap_rate, before.rule_version) == (10_000_000, 30_000, data.version())


def test_a_contract_older_than_the_pin_goes_by_the_rows_of_its_own_day(app: Flask) -> None:
    contract = make_draft(make_parties())
    adopt_other_figures()
    with transaction():
        contract.rule_version = None
    assert figures_of(contract) == SHIPPED["national"]


def test_the_page_of_a_contract_says_the_figures_it_goes_by(client: FlaskClient) -> None:
    adopt_other_figures()
    parties = make_parties()
    contract = drafted_later(parties, 30_000_000)
    sign_in(client, parties.officer)
    html = client.get(f"/contracts/{contract.number}/work?lang=ko").get_data(as_text=True)
    assert "면제 (30,000,000원 이하)" in html
    assert "2/1000" in html


def test_a_change_that_leaves_a_contract_without_a_figure_is_not_adopted(app: Flask) -> None:
    texts = dict(rulebook.current().texts)
    head = texts["figures"].index(_single("inspection-days"))
    texts["figures"] = texts["figures"][:head] + texts["figures"][head:].replace(
        "value = 14", 'unknown = { ko = "모름", en = "Not known" }', 1
    )
    with pytest.raises(data.RuleDataError) as refused:
        data.load(texts)
    assert [one.code for one in refused.value.problems] == ["must-be-known"]


def test_the_bond_of_the_rule_data_is_what_the_contract_takes() -> None:
    found = find_bond("national", "contract", TODAY)
    figures: Figures = SHIPPED["national"]
    assert found is not None
    assert (figures.bond_rate.value, figures.bond_exempt_up_to_won) == (found.rate, found.exempt_up_to_won)
