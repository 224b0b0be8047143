"""Browser modules made into one script, in the narrow dialect that ours are written in.

Each module becomes a function called once, its imports constants from the modules before it. Imports are at the top of
a module, named or whole (`import { a, b as c } from`, `import * as x from`); exports are declarations, or one
`export { a, b };`. Anything else is refused, so that nothing is lost unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Read = Callable[[str], str]  # the text of a module by its path

_IMPORT = re.compile(r'^import\s+(?:\{([^}]*)\}|\*\s+as\s+(\w+))\s+from\s+"([^"]+)";[ \t]*\n', re.MULTILINE)
_DECLARED = re.compile(r"^export\s+((?:async\s+function|function|class|const)\s+([A-Za-z_$][\w$]*))", re.MULTILINE)
_LISTED = re.compile(r"^export\s+\{([^}]*)\};?[ \t]*\n", re.MULTILINE)


def make_script(entry: str, read: Read, resolve: Callable[[str, str], str]) -> str:
    """The script of `entry` with everything that it imports, each module once and after those it needs.

    `resolve(importer, specifier)` gives the path of a module. ValueError for a module outside the dialect, or one that
    imports itself in a circle.
    """
    done: dict[str, str] = {}
    open_: list[str] = []

    def visit(path: str) -> None:
        if path in done:
            return
        if path in open_:
            raise ValueError(f"{path} imports itself, by way of {open_[-1]}")
        open_.append(path)
        text = read(path)
        needed = [resolve(path, match[2]) for match in _IMPORT.findall(text)]
        for one in needed:
            visit(one)
        numbers = {one: number for number, one in enumerate(done)}
        names = {match[2]: _name(numbers[resolve(path, match[2])]) for match in _IMPORT.findall(text)}
        done[path] = _wrapped(path, text, names, _name(len(done)))
        open_.remove(path)

    visit(entry)
    return "\n".join(done.values()) + "\n"


def _name(number: int) -> str:
    return f"module{number}"


def _wrapped(path: str, text: str, names: Mapping[str, str], own: str) -> str:
    body = _IMPORT.sub(lambda found: _constants(found, names), text)
    exports = [name for _, name in _DECLARED.findall(body)]
    body = _DECLARED.sub(r"\1", body)
    for listed in _LISTED.findall(body):
        exports += [name.strip() for name in listed.split(",") if name.strip()]
    body = _LISTED.sub("", body)
    if stray := re.search(r"^(import|export)\b.*$", body, re.MULTILINE):
        raise ValueError(f"{path}: not in the dialect: {stray[0]}")
    wait = "await (async " if re.search(r"^(?:const \w+ = )?await |^if .*await ", body, re.MULTILINE) else "("
    given = ", ".join(exports)
    return f"// {path}\nconst {own} = {wait}() => {{\n{body.rstrip()}\nreturn {{ {given} }};\n}})();"


def _constants(found: re.Match[str], modules: Mapping[str, str]) -> str:
    names, whole, specifier = found.groups()
    if whole:
        return f"const {whole} = {modules[specifier]};\n"
    parts = [part.strip() for part in names.split(",") if part.strip()]
    return f"const {{ {', '.join(part.replace(' as ', ': ') for part in parts)} }} = {modules[specifier]};\n"
