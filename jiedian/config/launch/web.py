"""The web server: granian in front of Django. Its worker asks the kernel to die with it."""

import argparse
import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from .postgres import die_with_parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--static", required=True)
    options = parser.parse_args()
    server = Granian(
        "jiedian.config.wsgi:application",
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        static_path_route=["/static"],
        static_path_mount=[Path(options.static)],
        log_enabled=False,
    )
    server.serve()


if __name__ == "__main__":
    die_with_parent()
    os.environ["JIEDIAN_WEB_PID"] = str(os.getpid())
    main()
