"""Uploads as stored, and text closed with the vault's key."""

from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


def keyring() -> MultiFernet:
    """The vault's keys: the first closes, all of them open."""
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is closed in the database and open in memory. It cannot be searched; see ``blind_index``."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return keyring().encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        try:
            return keyring().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ValueError("the vault has no key for this value") from error


class Upload(models.Model):
    """A file that was checked and kept. The bytes lie under their hash and are never changed."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=32, db_index=True)
    purpose = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
