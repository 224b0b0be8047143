"""Signed notes: what opens, and that nothing else does."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, merkle, note, proof

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
VKEY = note.vkey("naru.example/log", KEY.public_key().public_bytes_raw())
OTHER_VKEY = note.vkey("witness.example", OTHER.public_key().public_bytes_raw())
TEXT = "first line\n\nthird line, after an empty one\n"

# The example of the Go package golang.org/x/mod/sumdb/note, which the C2SP page takes up.
SPEC_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SPEC_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_example_of_the_specification_opens() -> None:
    assert note.open_note(SPEC_NOTE, [SPEC_VKEY]).startswith("If you think")


def test_what_was_signed_opens_to_the_same_text() -> None:
    assert note.open_note(note.sign(TEXT, "naru.example/log", KEY), [VKEY]) == TEXT


def test_no_single_change_of_a_byte_opens() -> None:
    signed = note.sign("a\nb\n", "log", KEY).encode()
    vkeys = [note.vkey("log", KEY.public_key().public_bytes_raw())]
    for at in range(len(signed)):
        for flipped in (signed[at] ^ 1, (signed[at] + 1) % 256):
            changed = signed[:at] + bytes([flipped]) + signed[at + 1 :]
            with pytest.raises(ValueError):
                note.open_note(changed.decode("utf-8", "surrogateescape"), vkeys)


def test_no_mangled_verifier_key_is_read() -> None:
    for start in range(len(VKEY)):
        for end in range(start, len(VKEY) + 1):
            if (start, end) != (0, len(VKEY)):
                with pytest.raises(ValueError):
                    note.Verifier.from_vkey(VKEY[:start] + VKEY[end:] if end > start else VKEY[:start])
    for at in range(len(VKEY)):
        with pytest.raises(ValueError):
            note.Verifier.from_vkey(VKEY[:at] + chr(ord(VKEY[at]) + 1) + VKEY[at + 1 :])


def test_signatures_of_unknown_keys_are_ignored_but_do_not_suffice() -> None:
    signed = note.sign(TEXT, "naru.example/log", KEY)
    by_other = note.sign(TEXT, "witness.example", OTHER)
    both = signed + by_other.rpartition("\n\n")[2]
    assert note.open_note(both, [VKEY]) == note.open_note(both, [OTHER_VKEY]) == TEXT
    with pytest.raises(ValueError, match="no signature by a known key"):
        note.open_note(by_other, [VKEY])


def test_a_wrong_signature_under_a_known_key_is_refused_even_beside_a_right_one() -> None:
    signed = note.sign(TEXT, "naru.example/log", KEY)
    wrong = note.sign("another text\n", "witness.example", OTHER).rpartition("\n\n")[2]
    with pytest.raises(ValueError, match=r"witness\.example is wrong"):
        note.open_note(signed + wrong, [VKEY, OTHER_VKEY])


def test_the_text_of_ones_own_note_is_read_without_keys() -> None:
    assert note.text_of(note.sign(TEXT, "naru.example/log", KEY)) == TEXT
    with pytest.raises(ValueError):
        note.text_of(TEXT)


def test_the_key_name_is_part_of_the_key() -> None:
    renamed = note.vkey("naru.example/other", KEY.public_key().public_bytes_raw())
    with pytest.raises(ValueError):
        note.open_note(note.sign(TEXT, "naru.example/log", KEY), [renamed])


def test_too_many_signature_lines_are_refused_and_the_limit_is_not() -> None:
    signed = note.sign(TEXT, "naru.example/log", KEY)
    line = signed.rpartition("\n\n")[2]
    assert note.open_note(signed + line * (note.MAX_SIGNATURES - 1), [VKEY]) == TEXT
    with pytest.raises(ValueError, match="too many"):
        note.open_note(signed + line * note.MAX_SIGNATURES, [VKEY])


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "carriage\r\n", "nul\0\n", "\ud800\n"])
def test_texts_that_no_note_can_have_are_not_signed(text: str) -> None:
    with pytest.raises(ValueError):
        note.sign(text, "naru.example/log", KEY)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u3000"])
def test_names_that_no_key_can_have_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        note.sign(TEXT, name, KEY)
    with pytest.raises(ValueError):
        note.vkey(name, bytes(32))


def test_an_object_opens_only_under_its_own_type() -> None:
    signed = note.sign_object("receipt", {"b": 1, "a": "가"}, "naru.example/log", KEY)
    assert signed.startswith('koneps/v1/receipt\n{"a":"가","b":1}\n\n— naru.example/log ')
    assert note.open_object(signed, "receipt", [VKEY]) == {"a": "가", "b": 1}
    with pytest.raises(ValueError, match="not a note of type refusal"):
        note.open_object(signed, "refusal", [VKEY])


@pytest.mark.parametrize("body", ['{"b":1,"a":2}', '{"a":1}\n{"a":1}', "[1]", '{"a":1,"a":1}', '{"a":1.0}', ""])
def test_a_well_signed_body_that_is_not_one_canonical_object_is_refused(body: str) -> None:
    signed = note.sign(f"koneps/v1/receipt\n{body}\n", "naru.example/log", KEY)
    with pytest.raises(ValueError):
        note.open_object(signed, "receipt", [VKEY])


def test_a_checkpoint_comes_back_and_only_from_its_own_log_key() -> None:
    made = checkpoint.Checkpoint("naru.example/log", 7, bytes(range(32)))
    signed = checkpoint.sign(made, KEY)
    assert checkpoint.open_checkpoint(signed, [VKEY]) == made
    with pytest.raises(ValueError):
        checkpoint.open_checkpoint(signed.replace("\n7\n", "\n8\n"), [VKEY])
    with pytest.raises(ValueError):
        checkpoint.open_checkpoint(signed, [OTHER_VKEY])


@pytest.mark.parametrize(
    "text",
    [
        "log\n1\n",
        "log\n01\n{r}\n",
        "log\n-1\n{r}\n",
        "log\n1 \n{r}\n",
        "log\n١\n{r}\n",
        "log\n1\nAAAA\n",
        "log\n1\n{r}",
        "\n1\n{r}\n",
        "log\n1\n{r}\n\n",
        "log\n1\n{r}\n\nx\n",
    ],
)
def test_malformed_checkpoint_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        checkpoint.parse(text.replace("{r}", base64.b64encode(bytes(32)).decode()))


def test_extension_lines_are_allowed() -> None:
    assert checkpoint.parse(f"log\n0\n{base64.b64encode(bytes(32)).decode()}\nmore\n").size == 0


def _proof(extra: bytes | None = None) -> tuple[proof.Proof, list[bytes]]:
    leaves = [bytes([n]) for n in range(11)]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    signed = checkpoint.sign(checkpoint.Checkpoint("naru.example/log", 11, merkle.root(hashes)), KEY)
    return proof.Proof(5, tuple(merkle.inclusion_proof(5, 11, merkle.memory(hashes))), signed, extra), leaves


@pytest.mark.parametrize("extra", [None, b"", b"salt" * 8])
def test_a_proof_file_comes_back_and_verifies(extra: bytes | None) -> None:
    made, leaves = _proof(extra)
    read = proof.parse(made.text)
    assert read == made
    assert proof.verify(read, leaves[5], "naru.example/log", [VKEY]).size == 11


def test_a_proof_does_not_verify_for_another_entry_index_log_or_key() -> None:
    made, leaves = _proof()
    for wrong, leaf, origin, vkeys in (
        (made, leaves[4], "naru.example/log", [VKEY]),
        (proof.Proof(4, made.hashes, made.signed), leaves[5], "naru.example/log", [VKEY]),
        (proof.Proof(5, made.hashes[:-1], made.signed), leaves[5], "naru.example/log", [VKEY]),
        (made, leaves[5], "another.example/log", [VKEY]),
        (made, leaves[5], "naru.example/log", [OTHER_VKEY]),
    ):
        with pytest.raises(ValueError):
            proof.verify(wrong, leaf, origin, vkeys)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 5", "index 05"),
        ("index 5", "index -5"),
        ("index 5\n", ""),
        ("index 5", "extra !\nindex 5"),
        ("\n\n", "\nAAAA\n\n"),
        ("\n\n", "\n"),
    ],
)
def test_malformed_proof_files_are_refused(old: str, new: str) -> None:
    text = _proof()[0].text
    assert old in text
    with pytest.raises(ValueError):
        proof.parse(text.replace(old, new))
