"""The log as files: their names, when each comes to be, and that proofs can be computed from them alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tlog import merkle, tiles
from app.tlog.tiles import ENTRIES, Tile

PATHS = {
    Tile(0, 0): "tile/0/000",
    Tile(0, 0, 1): "tile/0/000.p/1",
    Tile(1, 255, 255): "tile/1/255.p/255",
    Tile(0, 1234067): "tile/0/x001/x234/067",
    Tile(ENTRIES, 1000, 7): "tile/entries/x001/000.p/7",
    Tile(63, 0): "tile/63/000",
}


@pytest.mark.parametrize(("tile", "path"), PATHS.items(), ids=PATHS.values())
def test_a_tile_has_its_published_path_and_is_read_from_it(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/x001/x000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/data/000",
        "tile/entries/..",
        "tile/0/../000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/" + "x999/" * 6 + "999",
    ],
)
def test_other_paths_name_no_tile(path: str) -> None:
    with pytest.raises(ValueError):
        tiles.parse_path(path)


@given(st.integers(-1, 63), st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_every_tile_comes_back_from_its_path(level: int, index: int, width: int) -> None:
    assert tiles.parse_path(Tile(level, index, width).path) == Tile(level, index, width)


def _published(hashes: list[bytes], sizes: list[int]) -> dict[Tile, bytes]:
    """All files of a log that grew through `sizes`; every one is written at most once."""
    files: dict[Tile, bytes] = {}
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([merkle.node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    for old, new in zip([0, *sizes], sizes, strict=False):
        for tile in tiles.tiles_between(old, new):
            assert tile not in files
            if tile.level != ENTRIES:
                files[tile] = tiles.tile_bytes(tile, lambda level, index: levels[level][index])
            else:
                files[tile] = b""
    return files


def test_a_log_of_70000_entries_has_the_expected_layout() -> None:
    every = list(tiles.tiles_between(0, 70_000))
    assert (
        len([tile for tile in every if tile.level == ENTRIES])
        == len([tile for tile in every if tile.level == 0])
        == 274
    )
    assert [tile for tile in every if tile.level == 1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert [tile for tile in every if tile.level == 2] == [Tile(2, 0, 1)]
    assert [tile for tile in every if tile.level > 2] == []
    assert {Tile(0, 273, 112), Tile(ENTRIES, 273, 112)} <= set(every)


def test_proofs_from_tiles_alone_verify_at_every_published_size() -> None:
    random = Random(6962)
    hashes = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(70_000)]
    sizes = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000]
    files = _published(hashes, sizes)
    roots = {size: merkle.root(hashes[:size]) for size in sizes}
    for size in sizes:
        node = tiles.node_reader(files.__getitem__, size)
        assert merkle.root_at(size, node) == roots[size]
        for index in {0, size - 1, size // 2, random.randrange(size)}:
            assert merkle.verify_inclusion(
                hashes[index], index, size, merkle.inclusion_proof(index, size, node), roots[size]
            )
        for old in [one for one in sizes if one <= size]:
            proof = merkle.consistency_proof(old, size, node)
            assert merkle.verify_consistency(old, size, proof, roots[old], roots[size])


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=8))
def test_whatever_the_steps_of_growth_the_files_of_the_last_size_are_all_there(steps: list[int]) -> None:
    sizes = sorted(steps)
    grown = {tile for old, new in zip([0, *sizes], sizes, strict=False) for tile in tiles.tiles_between(old, new)}
    last = sizes[-1]
    for level in (ENTRIES, 0, 1, 2):
        count = last >> (8 * max(level, 0))
        assert all(tiles.tile_at(level, index, last) in grown for index in range(-(-count // 256)))


@pytest.mark.parametrize(("level", "index", "size"), [(0, 0, 0), (0, 1, 256), (1, 0, 255), (0, -1, 5)])
def test_an_empty_place_has_no_tile(level: int, index: int, size: int) -> None:
    with pytest.raises(ValueError):
        tiles.tile_at(level, index, size)


def test_a_tile_of_the_wrong_length_is_noticed() -> None:
    with pytest.raises(ValueError, match="bytes"):
        tiles.node_reader(lambda tile: bytes(31), 1)(0, 0)


def test_a_subtree_that_is_not_complete_is_not_invented() -> None:
    with pytest.raises(ValueError, match="no complete subtree"):
        tiles.node_reader(lambda tile: bytes(32 * tile.width), 3)(1, 1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(leaves: list[bytes]) -> None:
    data = tiles.bundle_bytes(leaves)
    assert tiles.parse_bundle(data) == leaves
    for cut in range(1, 3):
        if len(data) > cut and leaves[-1] and len(leaves[-1]) >= cut:
            with pytest.raises(ValueError):
                tiles.parse_bundle(data[:-cut])


def test_the_longest_entry_fits_and_one_byte_more_does_not() -> None:
    longest = bytes(tiles.MAX_ENTRY)
    assert tiles.parse_bundle(tiles.bundle_bytes([longest])) == [longest]
    with pytest.raises(ValueError):
        tiles.bundle_bytes([longest + b"x"])
    with pytest.raises(ValueError):
        tiles.parse_bundle(b"\x00")
