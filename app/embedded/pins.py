"""`python -m app.embedded.pins`: writes requirements*.txt from requirements*.in and what is installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
LISTS = ("requirements", "requirements-demo", "requirements-test", "requirements-mutation")


def closure(wanted: Iterable[Requirement]) -> dict[str, str]:
    """Everything that `wanted` needs on this machine: canonical name to installed version."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(wanted)
    while waiting:
        need = waiting.pop()
        key = (canonicalize_name(need.name), frozenset(need.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            installed = distribution(need.name)
        except PackageNotFoundError:
            raise SystemExit(f"{need.name} is not installed: pip install it first") from None
        found[key[0]] = installed.version
        for line in installed.requires or []:
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *need.extras)):
                waiting.append(inner)
    return found


def main() -> None:
    pinned_before: set[str] = set()
    for name in LISTS:
        lines = (ROOT / f"{name}.in").read_text("utf-8").splitlines()
        wanted = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
        found = {key: version for key, version in closure(wanted).items() if key not in pinned_before}
        pinned_before |= set(found)
        head = f"# Written by app/embedded/pins.py from {name}.in.\n"
        body = "".join(f"{key}=={found[key]}\n" for key in sorted(found))
        (ROOT / f"{name}.txt").write_text(head + body, "utf-8")


if __name__ == "__main__":
    main()
