"""Policies: which checkpoints they accept, and which files they are."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, cosignature, merkle, note, policy
from app.tlog.checkpoint import Checkpoint

ORIGIN = "log.example/2026"
LOG = Ed25519PrivateKey.from_private_bytes(bytes([99] * 32))
LOG_VKEY = note.vkey(ORIGIN, LOG.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint(ORIGIN, 1, merkle.root([bytes(32)]))
KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n, name in enumerate(("X1", "X2", "X3", "Y1"))}
VKEYS = {name: cosignature.vkey(f"{name}.example", key.public_key().public_bytes_raw()) for name, key in KEYS.items()}
HEAD = f"log {LOG_VKEY} https://log.example/\n" + "".join(f"witness {name} {vkey}\n" for name, vkey in VKEYS.items())
TWO_OF_THREE = HEAD + "group q 2 X1 X2 X3\nquorum q\n"
NESTED = HEAD + "group X 2 X1 X2 X3\ngroup Y any Y1\ngroup both all X Y\nquorum both\n"


def cosigned(*witnesses: str, key: Ed25519PrivateKey = LOG) -> str:
    signed = checkpoint.sign(CHECKPOINT, key)
    lines = [
        cosignature.sign(CHECKPOINT.text, f"{name}.example", KEYS[name], 1000 + n) for n, name in enumerate(witnesses)
    ]
    return cosignature.add(signed, lines)


def test_two_of_three_are_enough_and_one_is_not() -> None:
    read = policy.parse(TWO_OF_THREE)
    assert not read.is_met(cosigned())
    assert not read.is_met(cosigned("X1"))
    assert not read.is_met(cosigned("X1", "Y1"))
    assert read.is_met(cosigned("X1", "X3"))
    assert read.is_met(cosigned("X3", "X2", "X1"))


def test_one_witness_that_signs_twice_counts_once_with_its_later_time() -> None:
    read = policy.parse(TWO_OF_THREE)
    twice = cosignature.add(cosigned("X1"), [cosignature.sign(CHECKPOINT.text, "X1.example", KEYS["X1"], 2000)])
    assert read.open(twice).times == {"X1": 2000}
    assert not read.is_met(twice)


def test_groups_nest() -> None:
    read = policy.parse(NESTED)
    assert not read.is_met(cosigned("X1", "X2", "X3"))
    assert not read.is_met(cosigned("X1", "Y1"))
    assert read.is_met(cosigned("X1", "X2", "Y1"))


def test_the_quorum_may_be_one_witness_or_none() -> None:
    assert policy.parse(HEAD + "quorum Y1\n").is_met(cosigned("Y1"))
    assert not policy.parse(HEAD + "quorum Y1\n").is_met(cosigned("X1", "X2", "X3"))
    assert policy.parse(f"log {LOG_VKEY}\nquorum none\n").is_met(cosigned())


def test_cosignatures_do_not_replace_the_logs_signature() -> None:
    read = policy.parse(TWO_OF_THREE)
    assert not read.is_met(cosigned("X1", "X2", key=KEYS["X3"]))
    with pytest.raises(ValueError, match="no signature by a known key"):
        read.open(cosigned("X1", "X2", key=KEYS["X3"]))


def test_a_log_signs_under_its_own_name_only() -> None:
    other = checkpoint.Checkpoint("another.example", 1, CHECKPOINT.root)
    with pytest.raises(ValueError, match=r"no log named another\.example"):
        policy.parse(TWO_OF_THREE).open(note.sign(other.text, ORIGIN, LOG))


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_note() -> None:
    wrong = cosignature.sign(CHECKPOINT.text.replace("\n1\n", "\n2\n"), "X1.example", KEYS["X1"], 1000)
    assert not policy.parse(TWO_OF_THREE).is_met(cosignature.add(cosigned("X2", "X3"), [wrong]))


def test_signatures_of_unknown_witnesses_are_ignored() -> None:
    read = policy.parse(f"log {LOG_VKEY}\nwitness X1 {VKEYS['X1']}\nquorum X1\n")
    assert read.open(cosigned("X2", "X1", "Y1")).times == {"X1": 1001}


def test_space_tabs_comments_and_urls_are_read() -> None:
    read = policy.parse(f"# who is believed\n\n \t\n log\t{LOG_VKEY}  https://l\n\t# more\nquorum none")
    assert read.urls[LOG_VKEY] == "https://l"
    assert read.logs == (LOG_VKEY,)


def test_narus_own_lines_are_kept_apart() -> None:
    read = policy.parse(HEAD + "quorum none\nagency a+1+b\nholder A x+1+y\nholder B x+2+y\n")
    assert read.extra("holder") == [("A", "x+1+y"), ("B", "x+2+y")]
    assert read.extra("agency") == [("a+1+b",)]
    assert read.extra("tsa") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "says its quorum"),
        (HEAD, "says its quorum"),
        (HEAD + "quorum q\n", "not defined before"),
        (HEAD + "quorum q\ngroup q any X1\n", "not defined before"),
        (HEAD + "quorum X1\nquorum X1\n", "a second quorum"),
        (HEAD + "group q 3 X1 X2\nquorum q\n", "3 of 2 members"),
        (HEAD + "group q 0 X1\nquorum q\n", "any, all or a number"),
        (HEAD + "group q 01 X1\nquorum q\n", "any, all or a number"),
        (HEAD + "group q 1\nquorum q\n", "not a line"),
        (HEAD + "group q any none\nquorum q\n", "not defined before"),
        (HEAD + "group q any q\nquorum q\n", "not defined before"),
        (HEAD + "group q 2 X1 X1\nquorum q\n", "in a group already"),
        (HEAD + "group p any X1\ngroup q all p X1\nquorum q\n", "in a group already"),
        (HEAD + "group X1 any X2\nquorum X1\n", "is taken"),
        (HEAD + "group none any X2\nquorum none\n", "is taken"),
        (HEAD + f"witness Z {VKEYS['X1']}\nquorum none\n", "is there already"),
        (HEAD + f"log {LOG_VKEY}\nquorum none\n", "is there already"),
        (f"witness W {LOG_VKEY}\nquorum W\n", "not a cosigner's"),
        (f"log {VKEYS['X1']}\nquorum none\n", "not an Ed25519"),
        (HEAD + "quorum none\r\n", "control character"),
        (HEAD + "quorum none\nmirror x\n", "not a line"),
        (HEAD + "quorum\u00a0none\n", "not a line"),
    ],
)
def test_a_file_that_c2sp_does_not_allow_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        policy.parse(text)


def test_a_key_of_another_name_is_still_the_same_witness() -> None:
    renamed = cosignature.vkey("renamed.example", KEYS["X1"].public_key().public_bytes_raw())
    with pytest.raises(ValueError, match="line 6 of the policy"):
        policy.parse(HEAD + f"witness Z {renamed}\nquorum none\n")
