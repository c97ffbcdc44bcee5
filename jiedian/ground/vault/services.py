"""Keep files: measured, looked into, written whole or not at all."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.db import transaction

from jiedian.core.findings import refuse

from .models import Upload

CEILING_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Kinds = tuple[tuple[bytes, str, tuple[str, ...]], ...]
"""What a file may begin with, its media type, and the suffixes it may have."""
MAGIC: Kinds = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"RIFF", "image/webp", (".webp",)),
    (b"\x00\x00\x00", "image/heic", (".heic", ".heif")),
    (b"II*\x00", "image/tiff", (".tif", ".tiff")),
    (b"MM\x00*", "image/tiff", (".tif", ".tiff")),
)
"""What a file must begin with to be what its name says."""
INNER = {"image/webp": b"WEBP", "image/heic": b"ftyp"}
"""What stands behind the beginning of a picture of a telephone, after its length."""


def blind_index(value: str, *, folds_case: bool = True) -> str:
    """A keyed hash by which a closed value can be found again without opening it."""
    text = value.strip().upper() if folds_case else value.strip()
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


ANYTHING: Kinds = ((b"", "application/octet-stream", ("",)),)
"""A file whose reader says what it is; its name proves nothing and it is never shown."""
TABLES: Kinds = (
    (b"PK\x03\x04", XLSX, (".xlsx",)),
    (b"", "text/csv", (".csv", ".txt", ".tsv", ".json", ".geojson")),
    (b"", "application/xml", (".xes",)),
    (b"\x1f\x8b", "application/gzip", (".gz",)),
    (b"", "application/vnd.ms-excel", (".xls", ".htm", ".html")),
)
"""What a table of people may be; most have no mark, their reader says whether they are one."""


@dataclass(frozen=True)
class Label:
    """Label of a file: its name, whose it is, what it is for, and who brought it."""

    name: str
    subject: str
    purpose: str
    actor_id: int | None = None


def store(
    file: IO[bytes],
    label: Label,
    *,
    at: datetime,
    kinds: Kinds = MAGIC,
    ceiling_bytes: int = CEILING_BYTES,
) -> Upload:
    """Keep an uploaded file. Refused when it is empty, too large, or not what its name says; nothing is left then.

    It is copied piece by piece, never held as a whole.
    """
    folder = Path(settings.VAULT_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        try:
            media_type = _media_type(label.name, head := file.read(CHUNK_BYTES), kinds)
            sha256, size = _copied(file, head, part.file, ceiling_bytes)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    target = path_of(sha256)
    target.parent.mkdir(exist_ok=True, mode=0o700)
    Path(part.name).replace(target)
    return Upload.objects.create(
        sha256=sha256,
        size_bytes=size,
        media_type=media_type,
        name=Path(label.name).name[-120:],
        subject=label.subject,
        purpose=label.purpose,
        created_at=at,
        created_by_id=label.actor_id,
    )


def _copied(file: IO[bytes], head: bytes, part: IO[bytes], ceiling_bytes: int) -> tuple[str, int]:
    """Write the pieces down for good; the hash of all of them and how many bytes they are."""
    digest, size = hashlib.sha256(), 0
    for chunk in chain([head], iter(lambda: file.read(CHUNK_BYTES), b"")):
        size += len(chunk)
        if size > ceiling_bytes:
            raise too_large(ceiling_bytes)
        digest.update(chunk)
        part.write(chunk)
    part.flush()
    os.fsync(part.fileno())
    return digest.hexdigest(), size


def store_bytes(content: bytes, *, name: str, subject: str, at: datetime, purpose: str) -> Upload:
    """Keep a file the system made itself."""
    return store(BytesIO(content), Label(name, subject, purpose), at=at)


def forget(upload: Upload) -> None:
    """Give a file up: its row goes, and after commit its bytes, unless another row holds the same."""
    sha256 = upload.sha256
    upload.delete()
    if not Upload.objects.filter(sha256=sha256).exists():
        transaction.on_commit(lambda: path_of(sha256).unlink(missing_ok=True))


def path_of(sha256: str) -> Path:
    """Path of the bytes of a hash."""
    return Path(settings.VAULT_DIR) / sha256[:2] / sha256


def too_large(ceiling_bytes: int = CEILING_BYTES) -> Exception:
    return refuse("upload.size", megabytes=ceiling_bytes >> 20)


def _media_type(name: str, head: bytes, kinds: Kinds) -> str:
    if kinds is ANYTHING:
        return ANYTHING[0][1]
    suffix = Path(name).suffix.lower()
    for magic, media_type, suffixes in kinds:
        inner = INNER.get(media_type, b"")
        if head.startswith(magic) and inner in head[4:12] and suffix in suffixes:
            return media_type
    if kinds is TABLES:
        raise refuse("upload.table")
    raise refuse("upload.kind")


class CeilingUploadHandler(FileUploadHandler):
    """Stops reading a request whose files pass the ceiling, long before they have arrived.

    ``settings.UPLOAD_CEILINGS`` names the paths that take more, from people who have signed in.
    """

    seen_bytes = 0

    @property
    def ceiling_bytes(self) -> int:
        request = self.request
        if request is None or not request.user.is_authenticated:
            return CEILING_BYTES
        return int(settings.UPLOAD_CEILINGS.get(request.path, CEILING_BYTES))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen_bytes += len(raw_data)
        if self.seen_bytes > self.ceiling_bytes:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
