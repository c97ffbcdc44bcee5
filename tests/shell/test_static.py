"""Static files carry their content in their names; the look is one file that needs no other."""

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command


def test_a_file_is_named_by_its_content_and_the_look_is_one_file(settings: Any, tmp_path: Path) -> None:
    assert staticfiles_storage.url("shell/css/look.css") == "/static/shell/css/look.css", (
        "nothing is collected yet"
    )
    call_command("collectstatic", interactive=False, verbosity=0)
    url = staticfiles_storage.url("shell/css/look.css")
    assert re.fullmatch(r"/static/shell/css/look\.[0-9a-f]{12}\.css", url)
    look = (Path(settings.STATIC_ROOT) / url.removeprefix("/static/")).read_text("utf-8")
    assert "@import" not in look and look.index("@layer tokens, base") < look.index(".page-head")
    assert all(part in look for part in (".chip", ".basis-card", ".narrowing", "prefers-color-scheme: dark"))
    call_command("collectstatic", interactive=False, verbosity=0)
    assert staticfiles_storage.url("shell/css/look.css") == url, "collected again it is the same"
