"""Keep files: measured, looked into, written whole or not at all."""

import hashlib
import hmac
import os
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from jiedian.core.findings import refuse

from .models import Upload

CEILING_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
MAGIC = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"II*\x00", "image/tiff", (".tif", ".tiff")),
    (b"MM\x00*", "image/tiff", (".tif", ".tiff")),
)
"""What a file must begin with to be what its name says."""


def blind_index(value: str) -> str:
    """A keyed hash by which a closed value can be found again without opening it."""
    return hmac.new(settings.SECRET_KEY.encode(), value.strip().upper().encode(), hashlib.sha256).hexdigest()


def store(
    file: IO[bytes], *, name: str, subject: str, at: datetime, actor_id: int | None, purpose: str
) -> Upload:
    """Keep an uploaded file. Refused when it is empty, too large, or not what its name says; nothing is left then."""
    digest, size, head = hashlib.sha256(), 0, b""
    folder = Path(settings.VAULT_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        try:
            while chunk := file.read(CHUNK_BYTES):
                size += len(chunk)
                head = head or chunk[:16]
                if size > CEILING_BYTES:
                    raise too_large()
                digest.update(chunk)
                part.write(chunk)
            media_type = _media_type(name, head)
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    target = path_of(digest.hexdigest())
    target.parent.mkdir(exist_ok=True, mode=0o700)
    Path(part.name).replace(target)
    return Upload.objects.create(
        sha256=digest.hexdigest(),
        size_bytes=size,
        media_type=media_type,
        name=Path(name).name[-120:],
        subject=subject,
        purpose=purpose,
        created_at=at,
        created_by_id=actor_id,
    )


def store_bytes(content: bytes, *, name: str, subject: str, at: datetime, purpose: str) -> Upload:
    """Keep a file the system made itself."""
    return store(BytesIO(content), name=name, subject=subject, at=at, actor_id=None, purpose=purpose)


def path_of(sha256: str) -> Path:
    """Where the bytes of a hash lie."""
    return Path(settings.VAULT_DIR) / sha256[:2] / sha256


def too_large() -> Exception:
    return refuse(
        "upload.size",
        f"文件超过 {CEILING_BYTES >> 20} MB，未保存",
        f"The file is larger than {CEILING_BYTES >> 20} MB and was not kept",
    )


def _media_type(name: str, head: bytes) -> str:
    suffix = Path(name).suffix.lower()
    for magic, media_type, suffixes in MAGIC:
        if head.startswith(magic) and suffix in suffixes:
            return media_type
    raise refuse(
        "upload.kind",
        "只接受内容与扩展名相符的 PDF、JPG、PNG、TIFF 文件，未保存",
        "Only PDF, JPG, PNG or TIFF files that are what their name says are kept",
    )


class CeilingUploadHandler(FileUploadHandler):
    """Stops reading a request whose file passes the ceiling, long before it has arrived."""

    seen_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.seen_bytes += len(raw_data)
        if self.seen_bytes > CEILING_BYTES:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
