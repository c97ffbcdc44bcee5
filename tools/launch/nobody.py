"""As root, PostgreSQL and dovecot run as ``nobody``: who that is, and the folders he can reach.

A home that only root may enter hides every file in it from him, however open the file itself is.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any


def is_needed() -> bool:
    """True if this is root, whose servers run as nobody."""
    return os.geteuid() == 0


def child() -> dict[str, Any]:
    """As root, what makes a child run as ``nobody``; else nothing."""
    if not is_needed():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


def may_enter(folder: Path) -> bool:
    """True if everybody may enter a folder and all those above it."""
    return all(above.stat().st_mode & 0o001 for above in [folder, *folder.parents])


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; as root so that nobody may enter, not list, what was made, whatever the umask says."""
    missing = [above for above in [folder, *folder.parents] if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing if is_needed() else ():
        made.chmod(made.stat().st_mode | 0o011)


def make_reachable(folder: Path) -> None:
    """The same for a folder that a server must reach; ends the program where nobody cannot enter."""
    make_folder(folder)
    if is_needed() and not may_enter(folder):
        raise SystemExit(
            f"jiedian: as root the servers run as nobody, who cannot enter {folder}: "
            "set JIEDIAN_RUN_DIR to a folder that everybody may enter, or run as another user"
        )


def can_run(program: Path) -> bool:
    """True if a child that runs as nobody can start a program."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, **child()).returncode == 0
    except OSError:  # he may not even enter its folder
        return False


def copy(trees: list[Path], base: Path, target: Path) -> None:
    """Copy trees below ``base`` to where nobody reaches them, readable by him, as they lie; all or nothing."""
    part = target.with_name(f".{target.name}")
    shutil.rmtree(part, ignore_errors=True)
    for tree in trees:
        shutil.copytree(tree, part / tree.relative_to(base), symlinks=True)
    for path in [part, *part.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
    part.rename(target)
