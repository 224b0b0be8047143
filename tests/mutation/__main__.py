"""`make mutants ARGS="bidding/rules/floor.py"`: changes the rules one place at a time and sees whether a test notices.

mutmut makes the mutants and forks a process for each; this chooses the modules, and tells what survived. Without
arguments only what has no verdict yet is run; a module that is named is run anew. `--survivors`: only what survived
there. `--cold`: what survived again in a process of its own, for what runs while modules are imported, which in a fork
is over before the mutant is chosen (docs/mutation.md).
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MADE = ROOT / "mutants"
SURVIVED, NO_TESTS = 0, 33  # as mutmut numbers them; a time-out and a crash are kills


@dataclass(frozen=True, slots=True)
class Mutants:
    """The mutants of one module: the verdict by name, None where there is none yet."""

    path: str
    verdicts: dict[str, int | None]

    @property
    def survivors(self) -> list[str]:
        return [name for name, verdict in self.verdicts.items() if verdict in (SURVIVED, NO_TESTS)]

    @property
    def tried(self) -> int:
        return sum(verdict is not None for verdict in self.verdicts.values())

    def differences(self) -> Iterator[tuple[str, list[str]]]:
        """Each survivor with the lines that it changed, as the parser spells them."""
        functions = dict(functions_of(ast.parse((MADE / self.path).read_text("utf-8"))))
        for name in self.survivors:
            changed = name.rsplit(".", 1)[1]
            before = functions.get(changed.rsplit("__mutmut_", 1)[0] + "__mutmut_orig", [])
            lines = difflib.unified_diff(before[1:], functions.get(changed, [])[1:], n=0, lineterm="")
            yield name, [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def functions_of(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name, ast.unparse(node).splitlines()
        elif isinstance(node, ast.ClassDef):
            yield from functions_of(node)


def read(paths: list[str]) -> Iterator[Mutants]:
    for kept in sorted((MADE / "bidding").rglob("*.py.meta")):
        path = kept.relative_to(MADE).as_posix().removesuffix(".meta")
        verdicts = json.loads(kept.read_text("utf-8"))["exit_code_by_key"]
        if verdicts and (not paths or path in paths):
            yield Mutants(path, verdicts)


def main() -> int:
    paths = [argument for argument in sys.argv[1:] if argument.endswith(".py")]
    if "--cold" in sys.argv:
        for module in read(paths):
            retry_cold(module)
    else:
        patterns = [path.removesuffix(".py").replace("/", ".") + ".*" for path in paths]
        if "--survivors" in sys.argv:
            patterns = [name for module in read(paths) for name in module.survivors]
        done = subprocess.run(["mutmut", "run", *patterns], cwd=ROOT, check=False)
        if done.returncode != 0:
            return done.returncode
    tell(list(read(paths)))
    return 0


def retry_cold(module: Mutants) -> None:
    """Runs the tests once for each survivor, from the first import on, and keeps the verdict where mutmut keeps its."""
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    options = [*chosen["pytest_add_cli_args"], *chosen["pytest_add_cli_args_test_selection"]]
    kept = MADE / f"{module.path}.meta"
    known = json.loads(kept.read_text("utf-8"))
    for name in module.survivors:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", *options],
            cwd=MADE,
            env=os.environ | {"MUTANT_UNDER_TEST": name},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        known["exit_code_by_key"][name] = 1 if done.returncode else SURVIVED
    kept.write_text(json.dumps(known), "utf-8")


def tell(modules: list[Mutants]) -> None:
    """Every survivor with its difference, and the table of docs/mutation.md."""
    for module in modules:
        for name, lines in module.differences():
            print(name, *lines, sep="\n  ")
    print("\n| Module | Mutants | Killed | Survived | Score |\n| --- | ---: | ---: | ---: | ---: |")
    for module in modules:
        print(row(f"`{module.path}`", module.tried, len(module.survivors)))
    print(row("all", sum(one.tried for one in modules), sum(len(one.survivors) for one in modules)))


def row(name: str, tried: int, survived: int) -> str:
    tenths = 1000 * (tried - survived) // max(tried, 1)
    return f"| {name} | {tried} | {tried - survived} | {survived} | {tenths // 10}.{tenths % 10} % |"


if __name__ == "__main__":
    sys.exit(main())
