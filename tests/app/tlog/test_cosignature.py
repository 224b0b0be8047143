"""Cosignatures: what the C2SP text says of their bytes, and that no other bytes pass."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, cosignature, merkle, note
from app.tlog.checkpoint import Checkpoint
from app.tlog.note import COSIGNATURE, Verifier

LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
PUBLIC = WITNESS.public_key().public_bytes_raw()
NAME, AT = "witness.example.com/w1", 1679315147
VKEY = cosignature.vkey(NAME, PUBLIC)
SIGNED = checkpoint.sign(Checkpoint("log.example/2026", 3, merkle.root([bytes(32)] * 3)), LOG)
TEXT = note.text_of(SIGNED)
LINE = cosignature.sign(TEXT, NAME, WITNESS, AT)

# The example of the C2SP text: its key is not given, its time is.
SPEC_NOTE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_signature_is_over_the_header_the_time_and_the_whole_text() -> None:
    message = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    WITNESS.public_key().verify(LINE.blob[8:], message)
    assert LINE.blob[:8] == AT.to_bytes(8, "big")
    assert LINE.key_id == hashlib.sha256(NAME.encode() + b"\n\x04" + PUBLIC).digest()[:4]


def test_the_example_of_the_specification_has_its_parts_where_we_read_them() -> None:
    text, lines = note.split(SPEC_NOTE)
    assert checkpoint.parse(text).size == 20852163
    assert [line.name for line in lines] == ["example.com/behind-the-sofa", NAME]
    assert int.from_bytes(lines[1].blob[:8], "big") == AT
    assert len(lines[1].blob) == 72
    assert lines[1].line == SPEC_NOTE[SPEC_NOTE.rindex("— ") :]


def test_what_was_cosigned_verifies_to_its_time() -> None:
    cosigned = cosignature.add(SIGNED, [LINE])
    assert note.split(cosigned)[1][1] == LINE
    assert cosignature.verify(TEXT, LINE, Verifier.of_type(VKEY, COSIGNATURE)) == AT
    assert cosignature.add(cosigned, [LINE]) == cosigned


def test_the_logs_signature_still_opens_a_cosigned_note() -> None:
    log_vkey = note.vkey("log.example/2026", LOG.public_key().public_bytes_raw())
    many = [
        cosignature.sign(TEXT, f"w{n}", Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)), AT) for n in range(20)
    ]
    assert checkpoint.open_checkpoint(cosignature.add(SIGNED, many), [log_vkey]).size == 3


def test_no_other_time_text_key_or_byte_verifies() -> None:
    verifier = Verifier.of_type(VKEY, COSIGNATURE)
    with pytest.raises(ValueError, match="is wrong"):
        cosignature.verify(TEXT.replace("\n3\n", "\n4\n"), LINE, verifier)
    for at in range(len(LINE.blob)):
        blob = LINE.blob[:at] + bytes([LINE.blob[at] ^ 1]) + LINE.blob[at + 1 :]
        with pytest.raises(ValueError):
            cosignature.verify(TEXT, note.Signature(NAME, LINE.key_id, blob), verifier)
    for blob in (LINE.blob[:-1], LINE.blob + b"\0", b"\xff" + LINE.blob[1:]):
        with pytest.raises(ValueError, match="malformed"):
            cosignature.verify(TEXT, note.Signature(NAME, LINE.key_id, blob), verifier)
    other = Verifier.of_type(cosignature.vkey("witness.example.com/w2", PUBLIC), COSIGNATURE)
    with pytest.raises(ValueError, match="not a cosignature of"):
        cosignature.verify(TEXT, LINE, other)


def test_a_key_of_one_type_is_not_read_as_the_other() -> None:
    with pytest.raises(ValueError):
        Verifier.from_vkey(VKEY)
    with pytest.raises(ValueError):
        Verifier.of_type(note.vkey(NAME, PUBLIC), COSIGNATURE)
    assert base64.b64decode(VKEY.rpartition("+")[2])[0] == 4


def test_no_mangled_cosigner_key_is_read() -> None:
    for at in range(len(VKEY)):
        for changed in (VKEY[:at] + chr(ord(VKEY[at]) + 1) + VKEY[at + 1 :], VKEY[:at], VKEY[:at] + VKEY[at + 1 :]):
            with pytest.raises(ValueError):
                Verifier.of_type(changed, COSIGNATURE)
