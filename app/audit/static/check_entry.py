"""Checks one entry of a log from its files: python3 check_entry.py https://…/log 1234

Needs Python alone. It recomputes the path from the entry to the root that the log has signed. The signature of the
checkpoint it prints can be checked with any program for signed notes (c2sp.org/signed-note) and the log's key.
"""

import base64
import hashlib
import sys
import urllib.request


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - the address is the caller's own
        body: bytes = answer.read()
    return body


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def entry_at(log: str, index: int, size: int) -> bytes:
    number = index // 256
    path = f"{number % 1000:03d}"
    while number := number // 1000:
        path = f"x{number % 1000:03d}/{path}"
    width = min(256, size - index // 256 * 256)
    bundle = fetch(f"{log}/tile/entries/{path}" + (f".p/{width}" if width < 256 else ""))
    for _ in range(index % 256):
        bundle = bundle[2 + int.from_bytes(bundle[:2], "big") :]
    return bundle[2 : 2 + int.from_bytes(bundle[:2], "big")]


def root_from(hashed: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    place, last = index, size - 1
    for sibling in path:
        if last == 0:
            raise SystemExit("the proof is too long")
        if place & 1 or place == last:
            hashed = sha256(b"\1" + sibling + hashed)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            hashed = sha256(b"\1" + hashed + sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise SystemExit("the proof is too short")
    return hashed


def main(log: str, index: int) -> None:
    proof, _, checkpoint = fetch(f"{log}/proof/{index}").decode().partition("\n\n")
    path = [base64.b64decode(line) for line in proof.splitlines()[2:]]
    size, root = int(checkpoint.splitlines()[1]), base64.b64decode(checkpoint.splitlines()[2])
    entry = entry_at(log, index, size)
    if root_from(sha256(b"\0" + entry), index, size, path) != root:
        raise SystemExit(f"entry {index} is NOT in the signed tree")
    print(entry.decode())  # noqa: T201
    print(f"\nis entry {index} of the {size} that this checkpoint covers:\n\n{checkpoint}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), int(sys.argv[2]))
