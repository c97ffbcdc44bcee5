"""Static files under names that change with their content, and the look as one file."""

import posixpath
import re
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile

LOOK = "shell/css/look.css"
_IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)


class HashedStorage(ManifestStaticFilesStorage):
    """``look.css`` in the source names a file a part; collected it holds them all, so that a page asks once."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        """Put the parts into the look, then name every file by its content."""
        if LOOK in paths and not dry_run:
            self.delete(LOOK)
            self.save(LOOK, ContentFile(self._bundled(paths).encode()))
            paths = paths | {LOOK: (self, LOOK)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one where nothing has been collected, as in tests."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def _bundled(self, paths: dict[str, Any]) -> str:
        def part(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        return _IMPORT.sub(lambda found: part(posixpath.join(posixpath.dirname(LOOK), found[1])), part(LOOK))
