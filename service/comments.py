"""Users' comments on cards: kept encrypted or not at all, never in clear (F-16).

A comment is free text about a patient. By default it is dropped. An operator who wants
to read comments gives a key; whoever has only the store then has nothing.
"""

from collections.abc import Iterable
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.settings import Settings, SettingsError


HOW_TO_MAKE_A_KEY = (
    "make one with: python -c 'from cryptography.fernet import Fernet;"
    " print(Fernet.generate_key().decode())'"
)


class CommentCipher:
    """Encrypts comments with the first of `keys` and decrypts with any of them.

    Without a key it keeps nothing. Keys are Fernet's (AES-128-CBC and HMAC-SHA256); to
    change one, put the new key in front and leave the old one for old comments.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            raise SettingsError(
                "B12_COMMENT_KEY must be 32 bytes in URL-safe base64, or several such"
                f" keys with commas between them; {HOW_TO_MAKE_A_KEY}"
            ) from None
        self._fernet = MultiFernet(fernets) if fernets else None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The cipher for storing, as `settings` want it; raises SettingsError."""
        if settings.feedback_comments == "drop":
            return cls()
        keys = comment_keys(settings)
        if not keys:
            raise SettingsError(
                "B12_FEEDBACK_COMMENTS=encrypted needs B12_COMMENT_KEY;"
                f" {HOW_TO_MAKE_A_KEY}"
            )
        return cls(keys)

    def encrypt(self, comment: str | None) -> bytes | None:
        """What to store of `comment`: its ciphertext, or nothing."""
        if comment is None or self._fernet is None:
            return None
        return self._fernet.encrypt(comment.encode())

    def decrypt(self, stored: bytes) -> str | None:
        """The comment in `stored`, or None when none of the keys fits."""
        if self._fernet is None:
            return None
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken:
            return None


def comment_keys(settings: Settings) -> list[str]:
    """The keys in B12_COMMENT_KEY, the one to encrypt with first."""
    if settings.comment_key is None:
        return []
    given = settings.comment_key.get_secret_value().split(",")
    return [key.strip() for key in given if key.strip()]
