"""The ``jiedian`` command: a table of names, each loaded only when it is called.

Targets under ``tools`` work on files and start without Django and without a database; those under
``tools.launch`` are for developers and need a checkout, not a running system.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "migrate": ("bring the database to this version", "django:migrate"),
    "prepare": ("load calendar, departments and processes", "jiedian.config.prepare:prepare"),
    "gaps": (
        "expectation against perception of a survey: a line an item and dimension",
        "tools.gaps:main",
    ),
    "classify": (
        "customers' texts into the expectation tree and the process step",
        "tools.classify:main",
    ),
    "demo-grid": (
        "make the made-up city's grid, year and map once, without a database",
        "tools.city_grid:main",
    ),
    "demo-seed": ("fill an empty demo city", "demo.life:seed"),
    "demo-tick": ("let the demo's time run", "demo.life:tick"),
    "attenuation": (
        "HANDOFFS.csv: retention and delay of the customer's points by layer",
        "tools.attenuation:main",
    ),
    "burden": (
        "steps, papers, visits and days a customer meets, per class and process version",
        "tools.burden:main",
    ),
    "import-grid": (
        "read any network file: JSON and findings",
        "tools.import_grid:main",
    ),
    "compile": ("compile the power-flow kernel for this machine", "tools.kernel:main"),
    "capacity": ("open capacity of every bus of a network file", "tools.capacity:main"),
    "compose": ("supply schemes for an application on a network file", "tools.compose:main"),
    "screen": ("can a bus of a network file take an application", "tools.screen:main"),
    "shell": (
        "Python on the models: of the running system, else on a database of its own",
        "tools.launch.developer:shell",
    ),
    "dbshell": ("psql, likewise", "tools.launch.developer:dbshell"),
    "makemigrations": (
        "write the migrations the models need; --check --dry-run says what is missing",
        "tools.launch.developer:makemigrations",
    ),
}
ALONE = ("tools.",)
"""Targets that find for themselves what they need."""


def commands() -> dict[str, tuple[str, str]]:
    """Every command: those on files, and those that the rooms declare."""
    from jiedian.config.rooms import COMMANDS as OF_ROOMS

    return COMMANDS | OF_ROOMS


def environment() -> bool:
    """True if it is known how the system is reached: from the environment, else from the last one that was started here."""
    if "JIEDIAN_SECRET_KEY" in os.environ:
        return True
    from tools.launch.postgres import run_folder

    root = Path(__file__).resolve().parents[1]
    files = [run_folder(root, name) / "environment.json" for name in ("demo", "serve")]
    held = sorted((file.stat().st_mtime, file) for file in files if file.is_file())
    if held:
        os.environ.update(json.loads(held[-1][1].read_text()))
    return bool(held)


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 found something wrong, 2 wrong use, 130 interrupted, 141 nobody reads on."""
    try:
        status = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("已中断 / interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return status


def _run(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help"):
        print("jiedian COMMAND [options]      e.g.  jiedian verify-journal\n")
        for name, (words, _target) in sorted(commands().items()):
            print(f"  {name:22} {words}")
        return 0
    known = commands()
    if args[0] not in known:
        print(f"没有此命令 / no such command: {args[0]}", file=sys.stderr)
        return 2
    target, _, name = known[args[0]][1].partition(":")
    if not target.startswith(ALONE):
        if not environment():
            print(
                "没有找到系统，请先运行 / found no system, first: python3 run.py demo|serve", file=sys.stderr
            )
            return 2
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedian.config.settings")
        import django

        django.setup()
    if target == "django":
        from django.core.management import call_command

        call_command(name, *args[1:])
        return 0
    return int(getattr(import_module(target), name)(args[1:]))


if __name__ == "__main__":
    sys.exit(main())
