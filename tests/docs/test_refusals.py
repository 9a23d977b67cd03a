"""The operator's guide explains every reason for which a client is refused."""

import re

import pytest

from cds_hooks.signed_tokens import MAX_TOKEN_LENGTH
from cds_hooks.token_refusals import Reason
from tests.docs.documents import read


GUIDE = "docs/operators-guide.md"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_in_the_log_is_explained_in_the_guide(reason: Reason) -> None:
    rows = re.findall(rf"^\| `{reason.value}` \| (.+) \|$", read(GUIDE), re.MULTILINE)
    assert len(rows) == 1


def test_the_guide_explains_no_reason_that_does_not_exist() -> None:
    table = read(GUIDE).split("| `reason` |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(Reason)


def test_the_guide_knows_the_longest_token() -> None:
    assert f"{MAX_TOKEN_LENGTH:,} characters" in read(GUIDE)
