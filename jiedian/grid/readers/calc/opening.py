"""Open what was handed in: one file, or the files of an archive, under ceilings. Nothing is written, nothing is run."""

from dataclasses import dataclass
from gzip import GzipFile
from io import BytesIO
from zipfile import ZipFile

from jiedian.core.findings import Refused, refuse

MEGA = 1 << 20


@dataclass(frozen=True)
class Ceilings:
    """Ceilings of reading: bytes handed in, bytes unpacked, files, and how far a file may swell."""

    given_bytes: int = 300 * MEGA
    unpacked_bytes: int = 1500 * MEGA
    files: int = 200
    swell: int = 250


CEILINGS = Ceilings()


def open_files(name: str, content: bytes, *, ceilings: Ceilings = CEILINGS) -> list[tuple[str, bytes]]:
    """(name, bytes) of a plain file, or of every file in an archive; archives in an archive are opened once more.

    Raises Refused when a ceiling is passed or the archive is broken or closed with a password.
    """
    if len(content) > ceilings.given_bytes:
        raise _too_large(name, ceilings.given_bytes)
    name, content = _unwrapped(name, content, ceilings)
    if not content.startswith(b"PK\x03\x04") or name.lower().endswith((".xlsx", ".xlsm")):
        return [(name, content)]
    found: list[tuple[str, bytes]] = []
    left = ceilings.unpacked_bytes
    try:
        for inner, data in _unzip(name, content, left, ceilings):
            left -= len(data)
            if data.startswith(b"PK\x03\x04") and not inner.lower().endswith(".xlsx"):
                for deeper, more in _unzip(f"{name}/{inner}", data, left, ceilings):
                    left -= len(more)
                    found.append((deeper, more))
            else:
                found.append((inner, data))
            if len(found) > ceilings.files:
                raise _too_many(name, ceilings.files)
    except Refused:
        raise
    except (
        Exception
    ) as error:  # a broken archive raises whatever its parts raise: zlib, lzma, struct and more
        raise refuse("file.archive", name, error=error) from error
    return found


def _unzip(name: str, content: bytes, left: int, ceilings: Ceilings) -> list[tuple[str, bytes]]:
    found = []
    with ZipFile(BytesIO(content)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > ceilings.files:
            raise _too_many(name, ceilings.files)
        for member in members:
            if member.file_size > left or member.file_size > ceilings.swell * max(
                member.compress_size, MEGA // 16
            ):
                raise refuse("file.swells", f"{name}/{member.filename}")
            with archive.open(member) as inner:
                data = inner.read(member.file_size + 1)
            if len(data) > member.file_size:
                raise refuse("file.larger_than_declared", name)
            left -= len(data)
            found.append((member.filename, data))
    return found


def _unwrapped(name: str, content: bytes, ceilings: Ceilings) -> tuple[str, bytes]:
    """A file out of its gzip; a tar is refused."""
    if content.startswith(b"\x1f\x8b"):
        name, content = name.removesuffix(".gz"), _gunzip(name, content, ceilings)
    if content[257:262] == b"ustar":
        raise refuse("file.packed", name, kind="tar")
    return name, content


def _gunzip(name: str, content: bytes, ceilings: Ceilings) -> bytes:
    """What is in a gzip file. Raises Refused when it is broken or swells beyond a ceiling."""
    most = min(ceilings.unpacked_bytes, ceilings.swell * max(len(content), MEGA // 16))
    try:
        with GzipFile(fileobj=BytesIO(content)) as inner:
            data = inner.read(most + 1)
    except Exception as error:  # as above
        raise refuse("file.archive", name, error=error) from error
    if len(data) > most:
        raise refuse("file.swells", name)
    return data


def _too_large(name: str, ceiling: int) -> Refused:
    return refuse("file.size", name, megabytes=ceiling // MEGA)


def _too_many(name: str, ceiling: int) -> Refused:
    return refuse("file.count", name, ceiling=ceiling)
