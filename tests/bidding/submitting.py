"""A tender that asks for documents, and documents to hand in."""

from __future__ import annotations

from typing import Any

from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.documents import Document
from bidding.rehearsal.stages import Plan
from tests.bidding.staging import published

MEGABYTE = 1_000_000
PROPOSAL = {"name": "기술제안서", "hint": "PDF, 100쪽 이내", "required": True, "max_bytes": 200 * MEGABYTE}
RECORDS = {"name": "실적증명서", "hint": "", "required": False, "max_bytes": 20 * MEGABYTE}
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ASKED = (Document("제안서.pdf", PDF, "application/pdf"), Document("실적.pdf", PDF + b"% 2\n", "application/pdf", 2))


def asking_for_documents(agency: Agency, keyholder: Panel, **more: Any) -> Tender:
    """A published tender whose notice asks for a proposal and, where there are any, records."""
    fields = {"asked_documents": [PROPOSAL, RECORDS]} | more
    return published(agency, keyholder, Plan("통합 관제 시스템 구축 용역", 100_000_000, more=fields))
