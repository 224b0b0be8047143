"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask

from app.auth import passwords
from app.auth.passwords import Weakness, why_weak

ABOUT = ("hong.gildong@naru.kr", "홍길동")


@pytest.mark.parametrize("password", ["quiet herons 15", "네 마리의 왜가리가 천천히 걷는다", "x9" * 4 + "fkqmzpw"])
def test_fifteen_characters_of_any_kind_are_enough(password: str) -> None:
    assert why_weak(password, *ABOUT) is None


def test_fourteen_characters_are_too_few_and_129_too_many() -> None:
    assert why_weak("quiet herons 1", *ABOUT) == Weakness.TOO_SHORT
    assert why_weak("quiet herons 15", *ABOUT) is None
    assert why_weak(("quiet herons " * 10)[:128], *ABOUT) is None
    assert why_weak(("quiet herons " * 10)[:129], *ABOUT) == Weakness.TOO_LONG


def test_blanks_at_the_ends_do_not_count() -> None:
    assert why_weak("   quiet herons 1   ", *ABOUT) == Weakness.TOO_SHORT


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234567",
        "qwertyuiopasdfghjkl",
        "abcdefghijklmnop",
        "98765432109876543",
        "aaaaaaaaaaaaaaaaaaaa",
        "비밀번호비밀번호비밀번호비밀번호",
        "naru procurement 2026",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert why_weak(password, *ABOUT) == Weakness.COMMON


def test_ones_own_name_with_little_beside_it_is_refused() -> None:
    assert why_weak("hong.gildong2026x", *ABOUT) == Weakness.ABOUT_YOU
    assert why_weak("hong.gildong and a heron", *ABOUT) is None


def test_a_korean_password_matches_however_the_keyboard_composed_it(app: Flask) -> None:
    typed = "네 마리의 왜가리가 걷는다"
    kept = passwords.hash_password(unicodedata.normalize("NFC", typed))
    assert passwords.verify(kept, unicodedata.normalize("NFD", typed))
    assert not passwords.verify(kept, typed + "!")


def test_production_hashes_are_argon2id_with_memory_that_hurts() -> None:
    parameters = extract_parameters(passwords.STANDARD.hash("quiet herons 15"))
    assert (parameters.type.name, parameters.time_cost, parameters.memory_cost) == ("ID", 3, 65536)


def test_a_hash_with_other_parameters_is_due_for_a_new_one(app: Flask) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash("quiet herons 15")
    assert passwords.needs_rehash(old)
    assert not passwords.needs_rehash(passwords.hash_password("quiet herons 15"))


def test_nobodys_hash_never_matches_and_costs_the_same_parameters(app: Flask) -> None:
    assert not passwords.verify(None, "quiet herons 15")
    ours, nobodys = extract_parameters(passwords.hash_password("quiet herons 15")), passwords._nobody()
    assert extract_parameters(nobodys) == ours


def test_a_first_password_is_strong_and_never_the_same() -> None:
    made = {passwords.first_password() for _ in range(50)}
    assert len(made) == 50
    assert all(why_weak(password, *ABOUT) is None for password in made)
