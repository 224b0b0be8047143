"""Several browser modules as one classic script, for pages that have to work from a single file.

Each module becomes a function that runs once, after those it imports. Only the plain forms that our modules use are
understood; anything else is refused, so that nothing is lost unseen. The same sources give the same bytes.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
_IMPORT = re.compile(r'^import\s+(?:(\{[^}]*\})|\*\s+as\s+(\w+))\s+from\s+"([^"]+)";[ \t]*\n', re.MULTILINE)
_DECLARED = re.compile(r"^export\s+((?:async\s+)?function|class|const)\s+(\w+)", re.MULTILINE)
_LISTED = re.compile(r"^export\s+\{([^}]*)\};[ \t]*\n?", re.MULTILINE)
_LEFT_OVER = re.compile(r"^\s*(?:import|export)\b|\bimport\s*\(|</script", re.MULTILINE | re.IGNORECASE)


def inlined(entry: Path) -> str:
    """The script of `entry` and of all that it imports. ValueError for a form that is not understood, or a circle."""
    done: dict[Path, str] = {}
    scripts: list[str] = []
    _add(entry.resolve(), done, (), scripts)
    return '"use strict";\n(() => {\n' + "".join(scripts) + "})();\n"


def _add(path: Path, done: dict[Path, str], above: tuple[Path, ...], scripts: list[str]) -> str:
    """The name under which a module's exports can be had; writes the module out the first time."""
    if path in above:
        raise ValueError(f"{path.name} imports itself")
    if path not in done:
        source = path.read_text("utf-8")

        def bind(found: re.Match[str]) -> str:
            members, whole, specifier = found.groups()
            module = _add(_resolve(specifier, path), done, (*above, path), scripts)
            return f"const {whole} = {module};\n" if whole else f"const {_renamed(members)} = {module};\n"

        body = _IMPORT.sub(bind, source)
        exported = [name for _kind, name in _DECLARED.findall(body)]
        for listed in _LISTED.findall(body):
            exported += [" ".join(item.split()) for item in listed.split(",") if item.strip()]
        body = _LISTED.sub("", _DECLARED.sub(r"\1 \2", body))
        if left := _LEFT_OVER.search(body):
            raise ValueError(f"{path.name}: {left.group(0).strip()} is not understood")
        done[path] = f"module{len(done)}"
        scripts.append(
            f"// ---- {path.relative_to(ROOT).as_posix()}\nconst {done[path]} = (() => {{\n{body}"
            f"return {{ {', '.join(map(_as_member, exported))} }};\n}})();\n"
        )
    return done[path]


def _resolve(specifier: str, importer: Path) -> Path:
    if specifier.startswith("/static/"):
        return (ROOT / "app" / specifier.removeprefix("/")).resolve()
    if specifier.startswith("/bidding-static/"):
        return (ROOT / "bidding/static" / specifier.removeprefix("/bidding-static/")).resolve()
    if not specifier.startswith("."):
        raise ValueError(f"{importer.name}: {specifier} is no file of ours")
    return (importer.parent / specifier).resolve()


def _renamed(members: str) -> str:
    return re.sub(r"\b(\w+)\s+as\s+(\w+)\b", r"\1: \2", members)


def _as_member(exported: str) -> str:
    name, _, alias = exported.partition(" as ")
    return f"{alias}: {name}" if alias else name
