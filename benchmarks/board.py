"""Tenders by the hundred thousand for the board: one published by the services, and its row again with other titles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB

from app.db import db
from app.ids import new_id
from benchmarks.crowd import an_agency, published
from benchmarks.site import DATABASE, Site, keyholder
from bidding.models import Tender
from bidding.search import tokens

PLACES = (
    "서울 부산 대구 인천 광주 대전 울산 세종 수원 성남 청주 천안 전주 목포 여수 포항 경주 창원 진주 제주 강릉 원주 "
    "김해 양산 구미 안동 군산 익산 순천 나주 아산 서산 당진 충주 제천 파주 고양 용인 화성 평택 안산 안양 부천 시흥"
).split(" ")
OBJECTS = (
    "도로 교량 터널 하천 상수도 하수도 정수장 학교 체육관 도서관 박물관 공원 주차장 보건소 청사 경로당 소방서 "
    "가로등 신호등 배수로 옹벽 저수지 항만 공항 철도 지하차도 전산실 홈페이지 서버 네트워크 정보시스템 통합관제 급식실"
).split(" ")
WORKS = (
    "정비 포장 보수 보강 설계 감리 신축 증축 개축 철거 청소 위탁 운영 유지관리 구매 제작 설치 임차 교체 점검 진단 측량 "
    "조사 연구 개발 구축 고도화 이전 운반 처리 용역 공사 방수 도장 조경 안전진단"
).split(" ")
STATES = ("published", "closed", "opened", "failed")
RARE = "갯벌"  # in one title of 20,000


def titles(count: int) -> Iterator[str]:
    """`count` titles as agencies write them; the words are unevenly common, as in life."""
    random = Random(7)
    for number in range(count):
        objects = OBJECTS[min(int(random.expovariate(0.12)), len(OBJECTS) - 1)]
        works = WORKS[min(int(random.expovariate(0.12)), len(WORKS) - 1)]
        rare = f" {RARE}체험장" if number % 20_000 == 9_999 else ""
        place, serial = random.choice(PLACES), random.randrange(1, 40)
        yield f"2026년 {place}시 {objects}{rare} {works} {random.choice(WORKS)} {serial}차"


def fill(place: Site, count: int) -> None:
    """Add `count` published tenders, the newest last."""
    with keyholder(place) as holder:
        tender = published(an_agency(), holder)
        tender_id = tender.id
    table: Any = Tender.__table__
    row = dict(db.session.execute(select(table).where(table.c.id == tender_id)).mappings().one())
    # What is drawn from the box for each one alone is not shown on the board, and would only fill the disk.
    row |= {"seeds": [], "description": ""}
    columns_of = list(table.columns)
    names = [column.name for column in columns_of]
    is_json = {column.name for column in columns_of if isinstance(column.type, JSONB)}
    with psycopg.connect(place.cluster.url("postgres", DATABASE), autocommit=True) as owner:
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        with owner.cursor() as cursor, cursor.copy(sql.SQL("COPY tenders ({}) FROM STDIN").format(columns)) as copy:
            for made in _rows(row, count):
                copy.write_row([Jsonb(made[name]) if name in is_json else made[name] for name in names])
        owner.execute("VACUUM ANALYZE tenders")


def _rows(row: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    random = Random(11)
    first = row["published_at"] - timedelta(seconds=10 * (count + 1))
    for number, title in enumerate(titles(count)):
        at, state = first + timedelta(seconds=10 * number), STATES[min(number % 12, 3)]
        name = f"T26BK{50_000_000 + number:08d}"
        stamps = {"closing_at": at, "closed_at": at, "opening_at": at, "opened_at": at, "failed_at": at}
        yield (
            row
            | stamps
            | {
                "id": new_id(),
                "state": state,
                "number": name,
                "reference": f"{name}-000",
                "title": title,
                "tokens": tokens(title),
                "kind": random.choice(("goods", "services", "works")),
                "base_amount_won": random.randrange(5_000_000, 900_000_000),
                "published_at": at,
                "failure": "no-bids" if state == "failed" else None,
            }
        )
