"""The fixed vectors of protocol appendix C, and the two official openings."""

import hashlib

import pytest

from app.tlog.canon import digest, jcs
from bidding import chunked, draw, sealing
from bidding.rounding import round_mean
from bidding.types import DrawRule

CTX = sealing.make_ctx(
    box="ab" * 32,
    tender="R26BK00000001-000",
    lot="1",
    supplier="1248100998",
    bid="0198c0de-0000-7000-8000-000000000001",
)
CEK = bytes(range(32))
BOX_ID, BOX_ROOT = bytes(range(32)), bytes(range(32, 64))
SEGMENTS = DrawRule(base={"1": 250_000_000})
SPLIT = DrawRule(base={"1": 250_000_000}, mode="M1", kind="split", lo=97_000, hi=103_000)
NONCES = [bytes([n]) * 32 for n in (2, 3, 4)]
SEED_N = bytes.fromhex("3f6616eaac568166bea28e703022c0e2da544e5c857d0dfbd48ffa43ffc3c01c")
SEED_V = bytes.fromhex("613326a969ce84e18b5a060c6b14c0adb9a2ea34eb9d01e3df6d56d555a00123")
M2_PRICES = (
    "248255000 246362500 245827500 247552500 254165000 251995000 250727500 249727500 252477500 248407500 251220000"
    " 253182500 245052500 254862500 249185000"
)
M1_PRICES = (
    "257105000 253607500 253060000 256492500 242927500 249697500 248097500 248835000 248687500 255147500 247030000"
    " 249662500 255620000 242615000 250802500"
)


def won(spelling: str) -> tuple[int, ...]:
    return tuple(int(price) for price in spelling.split())


def test_a_wrap_is_bound_to_its_context() -> None:
    expected = "7d4e61005b708d7aafa8a0e37d0403257107fb9fe1d7a4b100598eed84c39a23"
    assert hashlib.sha256(sealing.wrap_info(CTX, "A")).hexdigest() == expected


def test_a_payload_encrypts_to_the_vector() -> None:
    sealed = chunked.encrypt(CEK, sealing.payload_context(CTX), jcs({"hello": "bid"}), salt=bytes(range(32, 56)))
    assert sealed.hex() == (
        "202122232425262728292a2b2c2d2e2f3031323334353637e38800283bfa9a7b84c81c4444935a7b145e6aaef52e1350ff46407623e4e7"
        "ae6a6b718fd6072a9a342385e40388af467de87d12a0d2d0d88c7dc460d2cb25"
    )
    assert digest("cek", CEK).hex() == "ead9b2e30939b83f3c8f1098967753a56296acce0307c7ab6cd75a3d44bb0394"


def test_the_seeds_are_the_vectors() -> None:
    assert draw.seed_numbers(b"\1" * 32, NONCES, BOX_ID, BOX_ROOT) == SEED_N
    assert draw.seed_values([bytes([n]) * 32 for n in (5, 6, 7)], BOX_ID) == SEED_V


def test_rates_of_equal_segments_are_the_vector() -> None:
    expected = "98021 98331 98545 99021 99302 99363 99674 99891 100291 100488 100798 100991 101273 101666 101945"
    assert draw.make_rates(SEED_V, "1", SEGMENTS) == [int(rate) for rate in expected.split()]


def test_mode_m2_numbers_the_prices_as_the_vector_and_draws_the_most_picked() -> None:
    contributions = tuple(bytes([n]) * 32 for n in (5, 6, 7))
    seeds = draw.Seeds(agency=b"\1" * 32, contributions=contributions)
    drawn = draw.make_draw(SEGMENTS, "1", BOX_ID, BOX_ROOT, seeds, NONCES, [(3, 11), (3, 7), (1, 15)])
    assert (drawn.seed_n, drawn.seed_v) == (SEED_N, SEED_V)
    assert drawn.prices_won == won(M2_PRICES)
    assert (drawn.drawn, drawn.sum_won) == ((3, 1, 7, 11), 996_030_000)
    assert drawn.estimated_price_won == 996_030_000 // 4


def test_mode_m1_splits_around_the_base_as_the_vector() -> None:
    drawn = draw.make_draw(SPLIT, "1", BOX_ID, BOX_ROOT, draw.Seeds(agency=b"\1" * 32), NONCES, [])
    assert drawn.prices_won == won(M1_PRICES)
    assert drawn.seed_v is None
    assert drawn.drawn == (1, 2, 3, 4)  # nobody picked: the lowest numbers fill the places


def test_lots_are_the_vector_whatever_the_order_of_arrival() -> None:
    a, b, c = (name * 32 for name in ("aa", "bb", "cc"))
    assert draw.draw_lots(SEED_N, "1", 123_456_000, [a, b, c]) == [b, a, c]
    assert draw.draw_lots(SEED_N, "1", 123_456_000, [c, b, a]) == [b, a, c]


T_P1 = (
    (
        "1825493300 1759904800 1757387700 1772418400 1780023700 1750178000 1808377000 1830293800 1804133900 1769775500"
        " 1785381500 1837413600 1795306100 1848381000 1815730600"
    ),
    "11 13 9 7 7 11 4 9 9 8 7 5 7 9 4",
    (2, 1, 6, 3),
    1_773_240_950,
)
T_P2 = (
    (
        "409780300 408587700 400930600 405745600 407184800 402782200 399394300 397482000 406659200 401941300 396928200"
        " 410625200 399774300 411644000 404419500"
    ),
    "0 0 0 1 0 1 0 3 0 1 0 2 1 0 1",
    (8, 12, 4, 6),
    404_158_750,
)


@pytest.mark.parametrize(
    ("prices", "counts", "drawn", "expected"), [pytest.param(*T_P1, id="T-P1"), pytest.param(*T_P2, id="T-P2")]
)
def test_official_openings_come_out_as_published(
    prices: str, counts: str, drawn: tuple[int, ...], expected: int
) -> None:
    chosen = draw.most_picked([int(count) for count in counts.split()], 4)
    assert chosen == drawn
    assert round_mean(sum(won(prices)[number - 1] for number in chosen), 4, "up-1") == expected


def test_official_goods_opening_names_its_fourth_price() -> None:
    """T-P3: three drawn prices and the estimated price are published, and lead to the fourth."""
    three = (269_928_300, 274_583_600, 265_727_400)
    assert round_mean(sum(three) + 272_354_700, 4, "exact") == 270_648_500


def test_official_rates_make_the_official_prices() -> None:
    """T-P4: each price of T-P1 is the base at a rate of three decimals, rounded up to 100 won."""
    rates = [
        "101533",
        "97885",
        "97745",
        "98581",
        "99004",
        "97344",
        "100581",
        "101800",
        "100345",
        "98434",
        "99302",
        "102196",
        "99854",
        "102806",
        "100990",
    ]
    assert tuple(draw.price_at(1_797_931_000, int(rate)) for rate in rates) == won(T_P1[0])
