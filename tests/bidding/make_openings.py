"""Writes `data/openings.jsonl`: five invented openings in the format of the published ones.

Nothing of them is real. They stand in where the collection of real openings is not at hand, so that the replay's own
tests run everywhere: a plain one, a tie, a mean cut to the won, one rounded up to 1,000 won, a single bid without
published numbers.

    python -m tests.bidding.make_openings
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
TARGET = Path(__file__).parent / "data" / "openings.jsonl"


def reserve(base: int, step: int) -> list[int]:
    return [base + step * n for n in range(7, -8, -1)]


def opening(
    number: int,
    base: int,
    drawn_at: tuple[int, ...],
    planned: int,
    floor: tuple[str, int],
    bids: list[tuple[int, list[int] | None]],
    winner: int,
    step: int = 300_000,
) -> Json:
    prices = reserve(base, step)
    order = sorted(range(len(bids)), key=lambda i: bids[i][0])
    return {
        "notice_no": f"INVENTED-{number:03d}",
        "title": f"지어낸 용역 {number}",
        "agency": "가상시 가상구",
        "region": "전국",
        "opened_at": f"2024-03-{number:02d} 11:00:00",
        "base_amount": base,
        "floor_rate_percent": floor[0],
        "preliminary_prices": prices,
        "drawn_prices": [prices[i] for i in drawn_at],
        "planned_price": planned,
        "floor_price": floor[1],
        "participants": f"{len(bids)}개 업체",
        "bids": [
            {
                "bidder": f"S{i:03d}",
                "price": won,
                "draws": draws,
                "submitted_at": f"2024-03-{number:02d} 09:{i:02d}",
                "rank": order.index(i - 1) + 1,
            }
            for i, (won, draws) in enumerate(bids, start=1)
        ],
        "winner": f"S{winner:03d}",
    }


OPENINGS = [
    # 100,000,000 ± 2.1 %: the four in the middle give 100,000,000 + 0.5 steps
    opening(1, 100_000_000, (5, 6, 7, 8), 100_150_000, ("87.745", 87_876_618), [
        (87_876_618, [1, 2]), (87_876_617, [2, 3]), (100_150_001, [3, 4]), (90_000_000, [15, 4])], 1),
    opening(2, 100_000_000, (0, 1, 2, 3), 101_650_000, ("88", 89_452_000), [
        (89_500_000, [1, 15]), (89_500_000, [2, 14]), (90_000_000, [3, 13])], 2),
    opening(3, 50_000_001, (4, 5, 9, 12), 49_958_500, ("88", 43_963_480), [
        (44_000_000, [7, 8]), (45_000_000, [8, 7])], 1, step=83_001),
    opening(4, 30_000_050, (3, 5, 8, 11), 30_026_000, ("90", 27_023_400), [
        (27_023_400, [9, 10]), (27_023_399, [9, 11])], 1, step=99_900),
    opening(5, 20_000_000, (6, 7, 8, 9), 19_850_000, ("84.245", 16_722_633), [
        (17_000_000, None)], 1),
]  # fmt: skip

if __name__ == "__main__":
    TARGET.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in OPENINGS))
