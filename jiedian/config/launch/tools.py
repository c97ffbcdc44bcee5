"""Tests, the walk, benches and the long durability run, each with a database of its own."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import postgres
from .serve import environment

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(prog="run.py test|walk|bench|soak")
    parser.add_argument("what", choices=["test", "walk", "bench", "soak"])
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    run = postgres.run_folder(ROOT, "walk" if options.what == "walk" else "test")  # both may run at once
    if options.what == "soak":
        return subprocess.run(
            [sys.executable, "-m", "tests.durability.soak", *options.rest], cwd=ROOT
        ).returncode
    server = postgres.start(run, is_durable=False)
    try:
        env = environment(run, server, is_demo=True) | {"DATABASE_URL": server.owner_url}
        env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
        return {"test": test, "walk": walk, "bench": bench}[options.what](env, options.rest)
    finally:
        server.stop()
        shutil.rmtree(run / "pgdata", ignore_errors=True)


def test(env: dict[str, str], rest: list[str]) -> int:
    """The whole suite on every core, or what is asked for; pytest's own closing line is the last."""
    return _pytest(env, rest or ["-n", str(os.cpu_count() or 1), "--dist", "worksteal"])


def walk(env: dict[str, str], rest: list[str]) -> int:
    """What takes minutes and is left out of the suite: a bare set-up up to the living city. What is asked for, else all."""
    return _pytest(env, [*rest, *([] if any(word.startswith("tests") for word in rest) else ["tests/walk"])])


def _pytest(env: dict[str, str], words: list[str]) -> int:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--create-db", *words], env=env, cwd=ROOT
    ).returncode


def bench(env: dict[str, str], rest: list[str]) -> int:
    """Every bench, or those named: product against peer, one JSON line a figure."""
    subprocess.run(
        [sys.executable, "-m", "jiedian.config.commands", "migrate"],
        env=env,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    names = rest or sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    return max(
        [
            subprocess.run([sys.executable, f"bench/{name}.py"], env=env, cwd=ROOT).returncode
            for name in names
        ],
        default=0,
    )


if __name__ == "__main__":
    sys.exit(main())
