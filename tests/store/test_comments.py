"""Comments are dropped, or encrypted with the operator's key; never kept in clear."""

import pytest
from cryptography.fernet import Fernet

from service.comments import CommentCipher
from service.settings import Settings, SettingsError


WORDS = "Mrs Example has been on injections since May"
KEY = Fernet.generate_key().decode()
NEW_KEY = Fernet.generate_key().decode()


def settings(mode: str, key: str | None = None) -> Settings:
    return Settings(feedback_comments=mode, comment_key=key)  # type: ignore[arg-type]  # pydantic reads text


def test_by_default_a_comment_is_dropped() -> None:
    assert CommentCipher.of(Settings()).encrypt(WORDS) is None


def test_a_key_alone_does_not_keep_comments() -> None:
    assert CommentCipher.of(settings("drop", KEY)).encrypt(WORDS) is None


def test_an_encrypted_comment_is_read_again_with_its_key() -> None:
    cipher = CommentCipher.of(settings("encrypted", KEY))
    stored = cipher.encrypt(WORDS)
    assert stored is not None
    assert b"Example" not in stored
    assert cipher.decrypt(stored) == WORDS


def test_the_same_comment_never_looks_the_same() -> None:
    cipher = CommentCipher([KEY])
    assert cipher.encrypt(WORDS) != cipher.encrypt(WORDS)


def test_no_comment_is_nothing_to_store() -> None:
    assert CommentCipher([KEY]).encrypt(None) is None


def test_another_key_reads_nothing() -> None:
    stored = CommentCipher([KEY]).encrypt(WORDS)
    assert stored is not None
    assert CommentCipher([NEW_KEY]).decrypt(stored) is None
    assert CommentCipher().decrypt(stored) is None


def test_after_a_change_of_keys_old_and_new_comments_are_read() -> None:
    old = CommentCipher([KEY]).encrypt(WORDS)
    both = CommentCipher.of(settings("encrypted", f"{NEW_KEY}, {KEY}"))
    new = both.encrypt(WORDS)
    assert old is not None
    assert new is not None
    assert both.decrypt(old) == both.decrypt(new) == WORDS
    assert CommentCipher([NEW_KEY]).decrypt(new) == WORDS


def test_encryption_without_a_key_stops_the_start_and_says_how_to_make_one() -> None:
    with pytest.raises(SettingsError, match=r"needs B12_COMMENT_KEY; make one with"):
        CommentCipher.of(settings("encrypted"))


@pytest.mark.parametrize(
    "key",
    ["short", "x" * 44, "é" * 44, KEY[:-2]],
    ids=["short", "of another length", "not ASCII", "cut off"],
)
def test_a_key_that_is_none_stops_the_start_and_is_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        CommentCipher.of(settings("encrypted", key))
    assert "B12_COMMENT_KEY must be 32 bytes" in str(refused.value)
    assert key not in str(refused.value)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(comment_key=KEY, secret="s" * 32))  # type: ignore[arg-type]  # pydantic reads text
    assert KEY not in shown
    assert "s" * 32 not in shown
