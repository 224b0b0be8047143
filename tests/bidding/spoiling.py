"""A bundle with one thing in it changed at random, its manifest made to fit: not clever, but everywhere."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from app.tlog.canon import jcs


def rewritten(data: bytes, path: str, content: bytes | None, *, is_listed: bool) -> bytes:
    """The bundle with one file changed (or left out), and the manifest changed to fit it or not."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["MANIFEST"])
    files.pop(path)
    manifest.pop(path, None)
    if content is not None:
        files[path] = content
        manifest[path] = sha256(content).hexdigest()
    if is_listed and path != "MANIFEST":
        files["MANIFEST"] = jcs(manifest)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return written.getvalue()


def spoiled(data: bytes, seed: int) -> Iterator[bytes]:
    """Every kind of file once with a flipped bit, once gone, and every JSON with one value changed."""
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    kinds: dict[str, list[str]] = {}
    for name in sorted(files.keys() - {"keys.json"}):  # what it claims is not read where all keys are pinned
        if not files[name]:
            continue
        kinds.setdefault(name.split("/")[0] + name.rsplit(".", 1)[-1], []).append(name)
    for names in kinds.values():
        path = chance.choice(names)
        content = bytearray(files[path])
        at = chance.randrange(len(content))
        content[at] ^= 1 << chance.randrange(7)
        yield rewritten(data, path, bytes(content), is_listed=True)
        yield rewritten(data, path, None, is_listed=True)
        if path.endswith(".json"):
            yield rewritten(data, path, jcs(altered(json.loads(files[path]), chance)), is_listed=True)
    yield rewritten(data, "notice.json", files["notice.json"] + b" ", is_listed=False)
    yield data[:-1]
    yield data + b"\0"


def altered(value: Any, chance: random.Random) -> Any:
    """`value` with one member somewhere inside of another kind, or a little other."""
    if isinstance(value, dict) and value:
        key = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {name: member for name, member in value.items() if name != key}
        return value | {key: altered(value[key], chance)}
    if isinstance(value, list) and value:
        at = chance.randrange(len(value))
        return [altered(member, chance) if index == at else member for index, member in enumerate(value)]
    if isinstance(value, str):
        return chance.choice([value + "0", value[:-1], value[::-1], 7, None])
    if isinstance(value, bool) or value is None:
        return chance.choice(["x", 0, not value])
    return chance.choice([value + 1, str(value), None, -value]) if isinstance(value, int) else "changed"
