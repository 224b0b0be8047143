"""`make mutants ARGS="bidding/rules/floor.py"`: changes the rules one place at a time and sees whether a test notices.

mutmut makes the mutants; `judging.py` runs the tests on each; this chooses the modules, and tells what survived. A
module that is named is judged anew; without arguments, only what has no verdict yet. `--survivors`: only what survived,
after a test was added. `--cold`: what survived, each in a process that begins with it (docs/mutation.md).
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants
from mutmut.configuration import config

ROOT = Path(__file__).resolve().parent.parent.parent
MADE = ROOT / "mutants"
SURVIVED, NO_TESTS = 0, (5, 33)  # as mutmut numbers them; a time-out and a crash are kills


@dataclass(frozen=True, slots=True)
class Mutants:
    """The mutants of one module: the verdict by name, None where there is none yet."""

    path: str
    verdicts: dict[str, int | None]

    @property
    def survivors(self) -> list[str]:
        return [name for name, verdict in self.verdicts.items() if verdict == SURVIVED or verdict in NO_TESTS]

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
    make()
    modules = list(read(paths))
    if "--cold" in sys.argv:
        for module in modules:
            retry_cold(module)
    else:
        for module in modules:
            again = module.survivors if "--survivors" in sys.argv else module.verdicts if paths else ()
            keep(module, dict.fromkeys(again))
        if not judge(modules):
            return 1
    tell(list(read(paths)))
    return 0


def make() -> None:
    """The mutants, anew where a file has changed; and everything around them as it is now."""
    os.chdir(ROOT)
    MADE.mkdir(exist_ok=True)
    copy_src_dir()
    for path in (one for source in config().source_paths for one in source.rglob("*")):
        if (
            path.is_file()
            and "__pycache__" not in path.parts
            and not (path.suffix == ".py" and config().should_mutate(path))
        ):
            (MADE / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, MADE / path)
    shutil.rmtree(MADE / "tests", ignore_errors=True)  # a test that is gone judges no more
    with redirect_stdout(StringIO()):
        copy_also_copy_files()
        create_mutants(1)


def options() -> list[str]:
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    return [*chosen["pytest_add_cli_args"], *chosen["pytest_add_cli_args_test_selection"]]


def judge(modules: list[Mutants]) -> bool:
    """Runs `judging.py` over what has no verdict; whether that went well."""
    chosen = MADE / "chosen.json"
    paths = sorted((module.path for module in modules), key=lambda path: ("/data/" in path, path))  # slow ones last
    chosen.write_text(json.dumps(paths), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutation.judging", *options()],
        cwd=MADE,
        env=os.environ | {"NARU_MUTANTS": str(chosen)},
        check=False,
    )
    return done.returncode == 0


def retry_cold(module: Mutants) -> None:
    """Runs the tests once for each survivor, from the first import on."""
    for name in module.survivors:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", *options()],
            cwd=MADE,
            env=os.environ | {"MUTANT_UNDER_TEST": name},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        keep(module, {name: 1 if done.returncode else SURVIVED})


def keep(module: Mutants, verdicts: Mapping[str, int | None]) -> None:
    """Writes verdicts to where mutmut keeps its own; one that is None is found anew."""
    kept = MADE / f"{module.path}.meta"
    known = json.loads(kept.read_text("utf-8"))
    known["exit_code_by_key"] |= verdicts
    kept.write_text(json.dumps(known), "utf-8")


def tell(modules: list[Mutants]) -> None:
    """Every survivor with its difference, and the table of docs/mutation.md."""
    for module in modules:
        for name, lines in module.differences():
            print(name, *lines, sep="\n  ")
    print("\n| Module | Mutants | Killed | Survived | Score |\n| --- | ---: | ---: | ---: | ---: |")
    for module in modules:
        print(row(f"`{module.path}`", [module]))
    print(row("all", modules))


def row(name: str, modules: Sequence[Mutants]) -> str:
    tried, survived = sum(one.tried for one in modules), sum(len(one.survivors) for one in modules)
    made = sum(len(one.verdicts) for one in modules)
    tenths = 1000 * (tried - survived) // max(tried, 1)
    shown = str(made) if tried == made else f"{tried} of {made}"
    return f"| {name} | {shown} | {tried - survived} | {survived} | {tenths // 10}.{tenths % 10} % |"


if __name__ == "__main__":
    sys.exit(main())
