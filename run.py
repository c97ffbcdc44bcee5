"""Set up and run jiedian: ``python3 run.py demo`` or ``python3 run.py test``. Standard library only."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
APT = {
    "chromium": ("chromium", "fonts-noto-cjk"),
    "dovecot": ("dovecot-imapd",),
    "java": ("default-jre-headless",),
}
"""What the tests use of the system: a browser with Chinese letters, a real mailbox, and Java for Spark."""
KERNEL = ("sweeps.py", "chord.py", "broken.py", "kernel.py", "closedform.py")
"""Modules of ``grid/kernel/calc`` that are compiled to machine code."""
EXTRAS = {
    "demo": ("demo",),
    **dict.fromkeys(("test", "walk", "check", "bench", "soak"), ("demo", "spark", "test")),
}


def setup(*extras: str) -> None:
    """Make .venv, install the pinned requirements once, compile the translations. A tenth of a second when all is there."""
    files = ["requirements.txt", *(f"requirements-{extra}.txt" for extra in extras)]
    stamp = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in files)).hexdigest()
    mark = VENV / "installed"
    if not PYTHON.exists():
        say("making .venv")
        venv.create(VENV, with_pip=True)
    if not mark.exists() or stamp not in mark.read_text():
        say("installing the pinned requirements")
        wanted = [word for name in files for word in ("-r", name)]
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, *wanted], cwd=ROOT, stderr=subprocess.PIPE if _quiet() else None, text=True
        )
        if done.returncode:
            raise SystemExit(f"{done.stderr or ''}jiedian: the pinned requirements could not be installed")
        with mark.open("a") as out:
            out.write(stamp + "\n")
    (VENV / "bin" / "jiedian").write_text(
        f"#!{PYTHON}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tools.commands import main\nsys.exit(main())\n"
    )
    (VENV / "bin" / "jiedian").chmod(0o755)
    translate()
    compile_kernel()


def _quiet() -> bool:
    return os.environ.get("JIEDIAN_QUIET", "1") == "1"


def translate() -> None:
    """Compile the translations that changed."""
    stale = [
        po
        for po in ROOT.glob("locale/*/LC_MESSAGES/*.po")
        if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]
    for po in stale:
        code = (
            "import sys; from babel.messages.pofile import read_po; from babel.messages.mofile import write_mo; "
            "write_mo(open(sys.argv[2], 'wb'), read_po(open(sys.argv[1], 'rb'), locale=sys.argv[3]))"
        )
        subprocess.run(
            [str(PYTHON), "-c", code, str(po), str(po.with_suffix(".mo")), po.parts[-3]], check=True
        )


def compile_kernel() -> None:
    """Compile the power-flow kernel where that has not been done since it changed: a quarter of a minute, once.

    numba looks only at the file a function stands in, so what was compiled before the change goes. Without a compiler or
    a place to write the set-up goes on: whoever needs the kernel compiles it then.
    """
    folder = ROOT / "jiedian" / "grid" / "kernel" / "calc"
    changed = max((folder / name).stat().st_mtime for name in KERNEL)
    made = [path for name in KERNEL for path in folder.glob(f"__pycache__/{Path(name).stem}.*.nb?")]
    if made and min(path.stat().st_mtime for path in made) > changed:
        return
    say("compiling the power-flow kernel")
    command = [str(PYTHON), "-m", "tools.commands", "compile"]
    try:
        for path in made:
            path.unlink(missing_ok=True)
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"the kernel is not compiled, its first use will take longer: {error}")


def system_packages() -> None:
    """Install what the tests need of the system, if it is missing and we may; what cannot be had is said and skipped."""
    missing = [name for name in APT if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing {', '.join(missing)} for the tests")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        wanted = [package for name in missing for package in APT[name]]
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
            subprocess.run(["apt-get", *words], capture_output=True, env=env)
    for name in missing:
        if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"):
            say(f"{name} could not be installed: the tests that need it will be skipped and counted")


def say(words: str) -> None:
    print(f"jiedian: {words}", file=sys.stderr, flush=True)


def launch(name: str, *args: str) -> NoReturn:
    """Become one of the launchers, so that whoever stops this process stops the launcher itself."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", f"tools.launch.{name}", *args])


def contracts() -> dict[str, list[str | Path]]:
    """Name of a contract → the command that holds it."""
    bin_ = VENV / "bin"
    return {
        "ruff": [bin_ / "ruff", "check", "."],
        "format": [bin_ / "ruff", "format", "--check", "."],
        "types": [bin_ / "mypy", "--no-error-summary"],
        "migrations": [PYTHON, "-m", "tools.commands", "makemigrations", "--check", "--dry-run"],
        "imports": [bin_ / "pytest", "tests/house/test_imports.py", "-p", "no:cacheprovider"],
        "pages": [bin_ / "djlint", "--lint", *sorted((ROOT / "jiedian").rglob("templates/**/*.html"))],
        "house": [
            *(bin_ / "pytest", "tests/house", "-p", "no:cacheprovider"),
            *("--ignore", "tests/house/test_imports.py"),
        ],
    }


def check() -> int:
    """Every contract of the house, one line each."""
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "JIEDIAN_SECRET_KEY": "check",
        "JIEDIAN_VAULT_KEYS": "A" * 43 + "=",
        "DJANGO_SETTINGS_MODULE": "jiedian.config.settings",
    }
    failed = 0
    for name, command in contracts().items():
        begun = time.monotonic()
        done = subprocess.run(
            [str(word) for word in command], cwd=ROOT, env=env, capture_output=True, text=True
        )
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} {time.monotonic() - begun:.1f} s")
        if done.returncode:
            failed = 1
            print(done.stdout[-6000:], done.stderr[-2000:])
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["setup", "demo", "serve", "test", "walk", "check", "bench", "soak"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on, e.g. demo --cases 500 --port 8000")
    options = parser.parse_args()
    what = options.what
    if not ((VENV / "installed").exists() and {"-h", "--help"} & set(options.rest)):
        setup(*EXTRAS.get(what, ()))
    if what == "check":
        return check()
    if what in ("test", "walk"):
        system_packages()
    if what == "setup":
        return 0
    launch("serve" if what in ("demo", "serve") else "tools", what, *options.rest)


if __name__ == "__main__":
    sys.exit(main())
