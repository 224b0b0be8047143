"""Passwords: argon2id, a length policy, and a small list of what everybody tries first.

A password is the only factor here, so NIST SP 800-63B-4 asks for 15 characters and no rules of composition, and
OWASP ASVS 5.0 (6.2) for a blocklist. Parameters that grow later reach a person at the next sign-in (`needs_rehash`).
"""

from __future__ import annotations

import secrets
import unicodedata
from enum import StrEnum
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask

LEAST, MOST = 15, 128  # characters after normalisation; the upper end keeps hashing cheap to refuse
STANDARD = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4, type=Type.ID)
_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.ID)
_hasher = STANDARD

# Lower case, letters and digits only. A password that is nothing but these, repeated or strung together, is refused.
WORDS = (
    "password passw0rd pass word qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm 1q2w3e4r 1q2w3e 1qaz2wsx qazwsx "
    "letmein welcome admin administrator naru koneps procurement tender bidder bidding officer korea seoul hello "
    "iloveyou monkey dragon sunshine princess football baseball superman trustno1 changeme secret test tester login "
    "abc abcd abcde abcdef abcdefgh abc123 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0987654321 "
    "111 000 qwer asdf zxcv q1w2e3r4 master shadow company user guest root demo love "
    "비밀번호 나라장터 조달청 안녕하세요 대한민국 사랑해 관리자 dkssudgktpdy qlalfqjsgh tkfkdgo skfkwkdxj"
)
COMMON = frozenset(WORDS.split())
LEAST_BESIDE_YOU = 8  # characters that must remain beside the person's own name and address


class Weakness(StrEnum):
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    ABOUT_YOU = "about-you"
    SAME = "same"  # as the one before


def normalise(password: str) -> str:
    """NFKC, without blanks at the ends: it must match however the keyboard composed it, typed or pasted."""
    return unicodedata.normalize("NFKC", password).strip()


def why_weak(password: str, *about: str) -> Weakness | None:
    """Why this password may not be used, or None. `about`: the person's name and e-mail address."""
    plain = normalise(password)
    if len(plain) < LEAST:
        return Weakness.TOO_SHORT
    if len(plain) > MOST:
        return Weakness.TOO_LONG
    letters = "".join(char for char in plain.lower() if char.isalnum())
    if len(set(plain.lower())) < 5 or _is_strung(letters, COMMON) or _is_run(letters):
        return Weakness.COMMON
    own = {part for text in about for part in text.lower().replace("@", " ").replace(".", " ").split() if len(part) > 2}
    rest = letters
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    if rest != letters and len(rest) < LEAST_BESIDE_YOU:
        return Weakness.ABOUT_YOU
    return None


def _is_strung(letters: str, words: frozenset[str]) -> bool:
    """Whether `letters` is wholly made of `words`, with up to four digits at its end (a year)."""
    stems = {letters} | {letters[:-cut] for cut in range(1, 5) if letters[-cut:].isdigit()}
    return any(_splits(stem, words) for stem in stems if stem)


def _splits(letters: str, words: frozenset[str]) -> bool:
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(end - len(word) in reached and letters.endswith(word, 0, end) for word in words):
            reached.add(end)
    return len(letters) in reached


def _is_run(letters: str) -> bool:
    """Whether it counts up or down all the way, as `abcdefghijklmnop` does."""
    steps = {(ord(b) - ord(a)) % 26 if a.isalpha() else (ord(b) - ord(a)) % 10 for a, b in pairwise(letters)}
    return len(letters) > 1 and len(steps) == 1


def hash_password(password: str) -> str:
    """The argon2id string of `password`, with its parameters and salt."""
    return _hasher.hash(normalise(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether they match. Without a hash (nobody has this address) it takes as long and says no."""
    if len(password) > 4 * MOST:
        password = ""
    try:
        return _hasher.verify(password_hash or _nobody(), normalise(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


def first_password() -> str:
    """A random password to hand over once: five groups of four, without letters that are read for others."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(5))


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe(24))


def _nobody() -> str:
    # Made with the present parameters, so that checking it costs what checking a real one costs.
    return _hash_of_nobody(_hasher)


def init_app(app: Flask) -> None:
    """Cheap hashes in test runs, which make hundreds of people; production refuses to run as a test."""
    global _hasher  # noqa: PLW0603 - one set of parameters a process
    _hasher = _CHEAP if app.config["NARU_ENV"] == "test" else STANDARD
    _nobody()
