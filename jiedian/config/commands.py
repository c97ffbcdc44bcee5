"""The ``jiedian`` command: a table of names, each loaded only when it is called.

Targets under ``jiedian.config.engineers`` work on files and start without Django and without a database; those under
``jiedian.config.launch`` are for developers and need a checkout, not a running system.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "migrate": ("bring the database to this version", "django:migrate"),
    "work": ("run jobs: reactions, messages, the sweep of the clocks", "jiedian.config.jobs:work"),
    "prepare": ("load calendar, departments and processes", "jiedian.config.jobs:prepare"),
    "verify-journal": (
        "walk the journal's chain and roots; 1 when something was changed",
        "jiedian.config.jobs:verify_journal",
    ),
    "replay-clocks": ("compute clocks anew from the facts and compare", "jiedian.config.jobs:replay_clocks"),
    "check-links": ("let every adapter examine itself", "jiedian.config.jobs:check_links"),
    "gaps": (
        "expectation against perception of a survey: a line an item and dimension",
        "jiedian.config.engineers.gaps:main",
    ),
    "import-history": (
        "bring past and running cases from a CSV or XLSX, or take a batch back",
        "jiedian.config.history:main",
    ),
    "classify": (
        "customers' texts into the expectation tree and the process step",
        "jiedian.config.engineers.classify:main",
    ),
    "demo-grid": (
        "convert the demo city's grid once, without a database",
        "jiedian.config.engineers.city_grid:main",
    ),
    "demo-seed": ("fill an empty demo city", "jiedian.config.city.life:seed"),
    "demo-tick": ("let the demo's time run", "jiedian.config.city.life:tick"),
    "attenuation": (
        "HANDOFFS.csv: retention and delay of the customer's points by layer",
        "jiedian.config.engineers.attenuation:main",
    ),
    "burden": (
        "steps, papers, visits and days a customer meets, per class and process version",
        "jiedian.config.engineers.burden:main",
    ),
    "import-grid": (
        "read any network file: JSON and findings",
        "jiedian.config.engineers.import_grid:main",
    ),
    "compile": ("compile the power-flow kernel for this machine", "jiedian.config.engineers.kernel:main"),
    "store-grid": (
        "read a network file or SimBench code into the database, take it over, or undo it",
        "jiedian.config.storing:main",
    ),
    "capacity": ("open capacity of every bus of a network file", "jiedian.config.engineers.capacity:main"),
    "screen": ("can a bus of a network file take an application", "jiedian.config.engineers.screen:main"),
    "bring-people": (
        "bring staff and what they answer for from a CSV; prints first passwords",
        "jiedian.config.people:main",
    ),
    "shell": (
        "Python on the models: of the running system, else on a database of its own",
        "jiedian.config.launch.developer:shell",
    ),
    "dbshell": ("psql, likewise", "jiedian.config.launch.developer:dbshell"),
    "makemigrations": (
        "write the migrations the models need; --check --dry-run says what is missing",
        "jiedian.config.launch.developer:makemigrations",
    ),
}
ALONE = ("jiedian.config.engineers.", "jiedian.config.launch.")
"""Targets that find for themselves what they need."""


def environment() -> bool:
    """Whether it is known how the system is reached: from the environment, else from the last one that was started here."""
    if "JIEDIAN_SECRET_KEY" in os.environ:
        return True
    from jiedian.config.launch.postgres import run_folder

    root = Path(__file__).resolve().parents[2]
    files = [run_folder(root, name) / "environment.json" for name in ("demo", "serve")]
    held = sorted((file.stat().st_mtime, file) for file in files if file.is_file())
    if held:
        os.environ.update(json.loads(held[-1][1].read_text()))
    return bool(held)


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 found something wrong, 2 wrong use."""
    args = sys.argv[1:] if argv is None else argv
    if not args or args[0] in ("-h", "--help"):
        print("jiedian COMMAND [options]      e.g.  jiedian verify-journal\n")
        for name, (words, _target) in COMMANDS.items():
            print(f"  {name:22} {words}")
        return 0
    if args[0] not in COMMANDS:
        print(f"没有此命令 / no such command: {args[0]}", file=sys.stderr)
        return 2
    target, _, name = COMMANDS[args[0]][1].partition(":")
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
