"""The page that checks a tender, in Chromium, the network off: what holds, what fails and why, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.axe import look
from tests.bidding.spoiling import rewritten
from tests.bidding.test_second_verifier import policy_of
from tests.bidding.world import World, finished

NewPage = Callable[..., Page]
Files = dict[str, Path]

CODES = [f"V{number:02d}" for number in range(1, 29)]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A good bundle, one with a digit of a price changed, a receipt of it, one that its list lacks, the keys."""
    world = finished()
    good = world.bundle()
    lines = world.parts().opening
    left_out = World()
    left_out.keys, left_out.names = world.keys, world.names
    left_out.bid("1248100977", 1000)
    made = {
        "good.zip": good,
        "bad.zip": rewritten(good, "opening.jsonl", lines.replace(b'"225000000"', b'"125000000"'), is_listed=True),
        "damaged.zip": rewritten(good, "notice.json", b"{}", is_listed=False),
        "receipt.note": world.receipts[world.entries[0].stmt].encode(),
        "missing.note": left_out.receipts.popitem()[1].encode(),
        "policy.txt": policy_of(world).encode(),
        "kept.note": world.parts().checkpoint.encode(),
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in made}


def ready(page: Page, lang: str = "en") -> list[str]:
    """The page is there and the network is gone. What it asks for from now on is collected: it must be nothing."""
    page.goto(f"/verify?lang={lang}")
    expect(page.locator("#verify-state")).to_have_attribute("data-state", "ok")
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def check(page: Page, files: Files, bundle: str = "good.zip", **others: str) -> None:
    page.locator("#bundle").set_input_files(files[bundle])
    for field, name in others.items():
        page.locator(f"#{field}").set_input_files(files[name])
    if not page.locator("#policy").is_visible():
        page.locator(".verify-keys summary").click()
    page.locator("#policy").fill(files["policy.txt"].read_text())
    page.locator("#verify-check").click()
    expect(page.locator(".verify-checks > li")).to_have_count(len(CODES))


def results(page: Page) -> dict[str, str]:
    found = page.locator(".verify-checks > li")
    return {
        (one.get_attribute("id") or "").removeprefix("check-"): one.get_attribute("data-result") or ""
        for one in found.all()
    }


@pytest.mark.parametrize(("lang", "width"), [("ko", 1280), ("ko", 390), ("en", 1280), ("en", 390)])
def test_a_good_bundle_holds_with_the_network_off(new_page: NewPage, files: Files, lang: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    asked = ready(page, lang)
    look(page)
    check(page, files, receipt="receipt.note", checkpoint="kept.note")
    assert asked == []
    found = results(page)
    assert "FAIL" not in found.values()
    assert (found["V24"], found["V25"]) == ("PASS", "PASS")
    heading = page.locator(".verify-summary h2")
    expect(heading).to_be_focused()
    expect(heading).to_have_text("틀린 것이 없습니다." if lang == "ko" else "Nothing is wrong.")
    word = page.locator("#check-V16 .badge")
    expect(word).to_have_text("맞음" if lang == "ko" else "holds")
    look(page)


def test_a_changed_price_shows_which_check_fails_and_why(new_page: NewPage, files: Files) -> None:
    page = new_page()
    asked = ready(page)
    check(page, files, "bad.zip")
    expect(page.locator(".verify-summary h2")).to_contain_text("V17 does not hold")
    expect(page.locator("#check-V17")).to_contain_text("The published opening is not what comes out of the envelopes")
    assert results(page)["V16"] == "PASS"
    page.get_by_role("link", name="Go to V17").click()
    expect(page.locator("#check-V17")).to_be_in_viewport()
    look(page)
    check(page, files, "damaged.zip")
    expect(page.locator(".verify-summary")).to_contain_text("notice.json was changed")
    check(page, files)
    expect(page.locator(".verify-summary h2")).to_have_text("Nothing is wrong.")
    assert asked == []


def test_a_receipt_of_a_bid_that_the_list_lacks_is_proof(new_page: NewPage, files: Files) -> None:
    page = new_page()
    ready(page, "ko")
    check(page, files, receipt="missing.note")
    expect(page.locator(".verify-summary h2")).to_contain_text("V24")
    expect(page.locator("#check-V24 .found")).to_contain_text("접수증을 보관하십시오")


def test_files_are_dropped_and_told_apart(new_page: NewPage, files: Files) -> None:
    page = new_page()
    ready(page)
    names = ("good.zip", "receipt.note", "kept.note")
    dropped = page.evaluate_handle(
        """files => { const held = new DataTransfer();
        for (const [name, bytes] of files) held.items.add(new File([new Uint8Array(bytes)], name)); return held; }""",
        [[name, list(files[name].read_bytes())] for name in names],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    for field, name in zip(("bundle", "receipt", "checkpoint"), names, strict=True):
        expect(page.locator(f"#chosen-{field}")).to_contain_text(name)
    page.keyboard.press("Tab")
    page.locator("#verify-check").press("Enter")
    expect(page.locator(".verify-checks > li")).to_have_count(len(CODES))


def test_what_is_no_bundle_is_said_and_nothing_is_lost(new_page: NewPage, files: Files) -> None:
    page = new_page()
    ready(page)
    page.locator("#verify-check").click()
    expect(page.locator("#bundle-error")).to_have_text("Choose the bundle of a tender.")
    expect(page.locator("#bundle")).to_be_focused()
    page.locator("#bundle").set_input_files(files["policy.txt"])
    page.locator("#verify-check").click()
    expect(page.locator("#verify-result")).to_contain_text("not a whole zip file")
    check(page, files)


def test_the_report_is_saved_as_text_and_json(new_page: NewPage, files: Files) -> None:
    page = new_page()
    ready(page)
    check(page, files)
    with page.expect_download() as saved:
        page.locator("#verify-text").click()
    text = Path(saved.value.path()).read_text("utf-8")
    assert text.startswith("Nothing is wrong.")
    passed = [check for check in CODES if f"\nPASS {check}" in text]
    assert len(passed) == 21
    with page.expect_download() as saved:
        page.locator("#verify-json").click()
    report = json.loads(Path(saved.value.path()).read_text("utf-8"))
    assert report["verdict"] is None
    assert {check["code"] for check in report["checks"]} == set(CODES)


def test_many_bids_are_checked_with_progress_while_the_page_stays_alive(new_page: NewPage, tmp_path: Path) -> None:
    world = World()
    for number in range(300):
        picks = (number % 15 + 1, (number + 4) % 15 + 1)
        world.bid(f"{1_000_000_000 + number}", 220_000_000 + number * 7_919, picks)
    world.close()
    world.open()
    world.award()
    large = tmp_path / "large.zip"
    large.write_bytes(world.bundle())
    page = new_page()
    ready(page)
    page.locator("#bundle").set_input_files(large)
    page.locator(".verify-keys summary").click()
    page.locator("#policy").fill(policy_of(world))
    page.evaluate(
        """() => { globalThis.seen = new Set(); globalThis.frames = 0;
        const bar = document.getElementById('verify-bar');
        const look = () => { frames += 1; seen.add(bar.value); requestAnimationFrame(look); }; look(); }"""
    )
    page.locator("#verify-check").click()
    expect(page.locator(".verify-checks > li")).to_have_count(len(CODES), timeout=60_000)
    assert "FAIL" not in results(page).values()
    seen, frames = page.evaluate("[seen.size, frames]")
    assert seen > 5
    assert frames > 20


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_single_file_works_from_a_disk(new_page: NewPage, files: Files, tmp_path: Path, lang: str) -> None:
    page = new_page()
    page.goto(f"/verify?lang={lang}")
    with page.expect_download() as saved:
        page.locator("a[download]").click()
    kept = tmp_path / "verify.html"
    kept.write_bytes(Path(saved.value.path()).read_bytes())
    alone = new_page(offline=True)
    said: list[str] = []
    alone.on("console", lambda message: said.append(message.text))
    alone.on("pageerror", lambda fault: said.append(str(fault)))
    alone.goto(kept.as_uri())
    expect(alone.locator("#verify-state")).to_have_attribute("data-state", "ok")
    check(alone, files, receipt="receipt.note")
    assert "FAIL" not in results(alone).values()
    assert said == []
    look(alone)


def test_without_javascript_the_page_says_what_else_there_is(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/verify?lang=en")
    expect(page.get_by_text("needs JavaScript")).to_be_visible()
    expect(page.get_by_text("python -m bidding.verify bundle.zip")).to_be_visible()
