"""The web server: granian in front of Django. Its worker asks the kernel to die with it.

With JIEDIAN_DEBUG=1 Django's own server instead, which begins anew when code or rules change.
"""

import argparse
import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from tools.launch.postgres import die_with_parent

YEAR_S = 365 * 24 * 3600
"""How long browsers keep static files: pages ask for them by a name that changes with the content."""


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--static", required=True)
    options = parser.parse_args()
    if os.environ.get("JIEDIAN_DEBUG") == "1":
        develop(options.port)
        return
    os.environ["JIEDIAN_WEB_PID"] = str(os.getpid())
    server = Granian(
        "jiedian.config.wsgi:application",
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        static_path_route=["/static"],
        static_path_mount=[Path(options.static)],
        static_path_expires=YEAR_S,
        log_enabled=False,
    )
    server.serve()


def develop(port: int) -> None:
    """Serve with errors shown, templates and static files read anew, and a restart after every change of code or rules."""
    import django
    from django.core.management import call_command
    from django.utils.autoreload import autoreload_started

    from jiedian.ground.rulebook.services import RULES

    def watch_rules(sender: Any, **_rest: Any) -> None:
        sender.watch_dir(RULES, "**/*")

    django.setup()
    autoreload_started.connect(watch_rules, weak=False)
    call_command("runserver", f"127.0.0.1:{port}")


if __name__ == "__main__":
    die_with_parent()
    main()
