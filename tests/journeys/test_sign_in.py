"""A newcomer's first day in the browser: first password, a password of one's own, a binding act, out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app import time
from app.auth import Role, people
from app.auth.models import Organisation, Session
from app.db import db, transaction
from tests.builders import PASSWORD, make_person

NEW = "seven slow rivers meet"


def sign_in_by_hand(page: Any, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("전자우편 주소").fill(email)
    page.get_by_label("비밀번호", exact=False).fill(password)
    page.get_by_role("main").get_by_role("button", name="로그인").click()


def test_from_the_first_password_to_a_binding_act(new_page: Callable[..., Any]) -> None:
    operator = make_person([Role.OPERATOR], must_change_password=True)
    page = new_page()
    sign_in_by_hand(page, operator.email, "not the password at all")
    page.get_by_text("전자우편 주소와 비밀번호가 맞지 않습니다").first.wait_for()
    assert page.get_by_label("전자우편 주소").input_value() == operator.email

    sign_in_by_hand(page, operator.email, PASSWORD)
    page.wait_for_url("**/password?**")
    page.goto("/admin/organisations")
    page.wait_for_url("**/password?next=%2Fadmin%2Forganisations")
    page.get_by_label("현재 비밀번호").fill(PASSWORD)
    page.get_by_label(re.compile("^새 비밀번호(?! 확인)")).fill(NEW)
    page.get_by_label("새 비밀번호 확인").fill(NEW)
    page.get_by_role("main").get_by_role("button", name="비밀번호 변경").click()
    page.wait_for_url("**/admin/organisations")

    page.get_by_role("link", name="기관 등록").click()
    page.get_by_label("수요기관").check()
    page.get_by_label("기관번호").fill("B991234")
    page.get_by_label("기관명(한글)").fill("나루군청")
    page.get_by_label("기관명(영문)").fill("Naru County")
    with transaction():  # six minutes pass before the button is pressed
        before = time.now() - timedelta(minutes=6)
        db.session.execute(update(Session).values(stepped_up_at=before))
    page.get_by_role("main").get_by_role("button", name="등록", exact=True).click()
    page.get_by_role("heading", name="비밀번호 다시 입력").wait_for()
    page.get_by_role("main").get_by_label("비밀번호").fill(NEW)
    page.get_by_role("button", name="확인").click()
    page.get_by_role("button", name="하던 일 계속하기").click()
    page.get_by_role("heading", name="나루군청").wait_for()
    db.session.expire_all()
    assert db.session.query(Organisation).filter_by(code="B991234").count() == 1

    page.locator("summary").click()
    page.get_by_role("button", name="로그아웃").click()
    page.goto("/admin/organisations")
    page.wait_for_url("**/sign-in?next=%2Fadmin%2Forganisations")
    assert not people.get_person(operator.id).must_change_password
