"""WSGI application that the web server calls."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

from tools.launch.postgres import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedian.config.settings")
die_with_parent()  # a worker outlives a killed main process otherwise, and serves on
if os.environ.get("JIEDIAN_WEB_PID", str(os.getppid())) != str(os.getppid()):
    os._exit(1)  # the main process was killed before this worker could ask to die with it
application = get_wsgi_application()


def _warm_up() -> None:
    from django.db import connection

    from jiedian.grid.capacity.queries.present import warm_up

    try:
        warm_up()
    finally:
        connection.close()


Thread(
    target=_warm_up, name="warm-up", daemon=True
).start()  # the first planner does not wait for the compiler
