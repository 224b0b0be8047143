"""What a decrypted file is, and what is not handed on, whatever it is called."""

from __future__ import annotations

import os
from io import BytesIO

import pytest

from bidding.file_types import KINDS, Finding, clean_name, examine, safe_name
from tests.bidding import hostile
from tests.bidding.submitting import PDF


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (hostile.hwp(), "hwp"),
        (hostile.hwpx(), "hwpx"),
        (hostile.docx(), "docx"),
        (hostile.zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), "xlsx"),
        (hostile.zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<x/>"}), "pptx"),
        (hostile.zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), "odt"),
        (hostile.compound({"WordDocument": b"x", "1Table": b"x"}), "doc"),
        (hostile.compound({"Workbook": b"x"}), "xls"),
        (hostile.compound({"PowerPoint Document": b"x"}), "ppt"),
        (hostile.picture("PNG"), "png"),
        (hostile.picture("JPEG"), "jpeg"),
        (hostile.picture("GIF"), "gif"),
        (hostile.picture("TIFF"), "tiff"),
        (hostile.picture("BMP"), "bmp"),
        (hostile.picture("WEBP"), "webp"),
    ],
)
def test_what_documents_and_pictures_hold_says_what_they_are(content: bytes, kind: str) -> None:
    assert examine(BytesIO(content)) == Finding(kind)
    assert kind in KINDS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "type"),
        (b"MZ" + bytes(200), "type"),
        (b"\x7fELF" + bytes(200), "type"),
        (b"#!/bin/sh\nid\n", "type"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "type"),
        (b"plain words\n", "type"),
        (os.urandom(2000), "type"),
        (hostile.zipped({"a.exe": b"MZ"}), "type"),
        (hostile.zipped({"mimetype": b"text/html", "a": b"b"}), "type"),
        (hostile.compound({"Other": b"x"}), "type"),
        (hostile.compound({"FileHeader": b"something else"}), "type"),
        (hostile.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "password"),
        (hostile.hwp(flags=3), "password"),
        (hostile.locked_zip(), "password"),
        (hostile.docx(word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"), "macros"),
        (hostile.compound({"WordDocument": b"x", "Macros": b"x"}), "macros"),
        (hostile.bomb(), "archive"),
        (hostile.slip(), "path"),
        (hostile.liar(), "damaged"),
        (hostile.docx()[:-30], "damaged"),
        (b"PK\x03\x04" + os.urandom(500), "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "damaged"),
        (hostile.compound({"WordDocument": b"x"}, cyclic=True), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (hostile.huge_png(), "pixels"),
    ],
)
def test_what_is_not_handed_on_says_why(content: bytes, reason: str) -> None:
    assert examine(BytesIO(content)).reason == reason


def test_a_protected_pdf_is_handed_on_with_a_word_of_warning() -> None:
    protected = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 9 0 R")
    assert examine(BytesIO(protected)) == Finding("pdf", is_locked=True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("제안서.pdf", "제안서.pdf"),
        ("fdp.\u202egnp.exe", "fdp.gnp.exe"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Windows\\a.pdf", "C__Windows_a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a__Set-Cookie_ x.pdf"),
        ("\u202e\u200b", "document"),
        (" . ", "document"),
    ],
)
def test_a_name_shows_what_it_is_and_leads_nowhere(name: str, shown: str) -> None:
    assert clean_name(name) == shown


def test_a_file_is_saved_with_the_ending_of_what_it_is() -> None:
    assert safe_name("제안서.exe", "pdf") == "제안서.exe.pdf"
    assert safe_name("사진.JPG", "jpeg") == "사진.JPG"


def test_nothing_that_is_cut_off_or_changed_raises() -> None:
    """Whatever arrives is told about, never a crash: cut at every place, and a byte changed at every place."""
    samples = [hostile.hwp(), hostile.docx(), hostile.hwpx(), hostile.picture("PNG"), PDF]
    for content in samples:
        for at in range(0, len(content), 7):
            examine(BytesIO(content[:at]))
            examine(BytesIO(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]))
