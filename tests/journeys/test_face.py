"""The frame in a real browser: what the scripts add, what remains without them, and that everybody can use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import axe

NewPage = Callable[..., Any]
PAGES = ("/", "/how-it-works", "/accessibility", "/verify", "/styleguide", "/no-such-page")
LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 390, "height": 844}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "contrast": {"viewport": {"width": 390, "height": 844}, "contrast": "more"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(new_page: NewPage, look: str) -> None:
    page = new_page(bypass_csp=True, **LOOKS[look])
    for path in PAGES:
        page.goto(f"{path}?lang={'en' if look == 'narrow' else 'ko'}")
        assert axe.violations(page) == [], path
        assert axe.fits(page), path


def test_the_scripts_run_under_the_strict_policy(new_page: NewPage) -> None:
    page = new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES[:-1]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert complaints == []


def test_a_countdown_runs_by_the_servers_clock(new_page: NewPage) -> None:
    page = new_page(timezone_id="America/New_York")
    # A computer whose clock is two hours ahead would call the deadline passed.
    page.add_init_script("const real = Date.now.bind(Date); Date.now = () => real() + 7_200_000;")
    page.goto("/styleguide?lang=en")
    left = page.locator("[data-countdown] [data-left]").first
    expect(left).to_have_text(re.compile(r"^12 minutes( \d+ seconds?)? left$"))
    before = left.text_content()
    expect(left).not_to_have_text(before or "", timeout=4_000)


def test_won_is_grouped_read_aloud_and_sent_as_plain_digits(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/styleguide?lang=ko")
    amount = page.locator("#f-base_amount_won")
    amount.press_sequentially("1234005678")
    expect(amount).to_have_value("1,234,005,678")
    expect(page.locator("[data-won-reading]").first).to_have_text("12억 3,400만 5,678원")
    sent = page.evaluate("new FormData(document.querySelector('#f-base_amount_won').form).get('base_amount_won')")
    assert sent == "1234005678"
    amount.fill("12억")
    expect(amount).to_have_value("12억")


def test_what_cannot_be_undone_asks_first_and_escape_leaves_it(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/styleguide?lang=ko")
    dialog = page.locator("dialog#cancel-sample")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="입찰 취소").click()
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.textContent.trim()") == "취소"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_without_javascript_the_question_stands_on_the_page(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/styleguide?lang=ko")
    question = page.locator("section#cancel-sample")
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name="입찰 취소")).to_be_visible()


def test_public_pages_read_well_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Public tenders, open to everyone")
    page.get_by_role("contentinfo").get_by_role("link", name="How it works").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_keyboard_reaches_the_content_first(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/verify?lang=en")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_errors_take_the_focus_and_lead_to_their_fields(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/styleguide?lang=ko")
    expect(page.locator("[data-form-errors]")).to_be_focused()
    expect(page.get_by_role("link", name="기초금액: 정수를 입력하십시오.")).to_be_visible()


AUTOSAVE = """() => {
  const form = document.querySelector('#forms + .columns form');
  form.setAttribute('data-autosave', '/styleguide-draft');
  return import(document.querySelector('script[type=module]').src.replace('naru.js', 'autosave.js'))
    .then((part) => part.startAutosave(document));
}"""


def test_a_draft_saves_itself_and_says_when_or_that_it_did_not(new_page: NewPage) -> None:
    page = new_page()
    posted: list[Any] = []
    status = [204]

    def answer(route: Any) -> None:
        posted.append(route.request)
        route.fulfill(status=status[0])

    page.route("**/styleguide-draft", answer)
    page.goto("/styleguide?lang=en")
    page.evaluate(AUTOSAVE)
    page.locator("#f-title").fill("Chairs")
    said = page.locator("[data-saved]")
    expect(said).to_have_text(re.compile(r"^Saved at \d\d:\d\d:\d\d$"))
    headers = posted[0].all_headers()
    assert headers["x-csrftoken"]
    assert headers["x-autosave"] == "1"
    assert 'name="title"\r\n\r\nChairs' in posted[0].post_data
    status[0] = 503
    page.locator("#f-title").fill("Chairs and tables")
    expect(said).to_have_attribute("data-state", "failed")
    expect(page.locator("#f-title")).to_have_value("Chairs and tables")


def test_a_session_about_to_end_warns_and_can_be_kept(new_page: NewPage) -> None:
    from app import time

    page = new_page()
    soon, later = time.now() + timedelta(seconds=200), time.now() + timedelta(minutes=30)
    mark = (
        f"document.addEventListener('readystatechange', () => document.body.dataset.sessionEnds = '{time.wire(soon)}')"
    )
    page.add_init_script(mark)
    page.goto("/?lang=en")
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("You will be signed out in 3 minutes")
    body = f'{{"now": "{time.wire(time.now())}", "session_ends_at": "{time.wire(later)}"}}'
    page.route("**/time?stay=1", lambda route: route.fulfill(status=200, content_type="application/json", body=body))
    page.get_by_role("button", name="Stay signed in").click()
    expect(bar).to_be_hidden(timeout=20_000)


def test_tables_become_cards_that_name_their_columns(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto("/styleguide?lang=ko")
    cell = page.get_by_role("region", name="견본 목록").locator("tbody tr").first.locator("td").last
    expect(cell).to_have_attribute("data-label", "금액")
    assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") == '"금액"'


def test_nothing_is_fetched_from_elsewhere(new_page: NewPage, live_server: Any) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(path)
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert any("PretendardGOV" in url for url in asked)
