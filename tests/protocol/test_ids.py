"""That test names tell which rows of the checklist are held."""

import pytest

from tests.protocol.ids import held_ids, id_in


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("test_K_01_a_summary_of_140_characters_is_refused", "K-01"),
        ("test_HK_12_ids_of_drafts_may_be_long", "HK-12"),
        ("test_CORS_03_an_origin_is_echoed", "CORS-03"),
        ("test_JWT_09_all_claims_are_present", "JWT-09"),
        ("test_cds_resp_3_app_context_on_an_absolute_link", "cds-resp-3"),
        ("test_cds_r_1_authorization_needs_a_server", "cds-r-1"),
        ("test_ord_1_user_has_two_parts", "ord-1"),
        ("test_the_readme_runs", None),
        ("test_K_1_x", None),
        ("test_k_01_x", None),
        ("test_K_01", None),
    ],
)
def test_the_id_is_read_off_the_name(name: str, found: str | None) -> None:
    assert id_in(name) == found


def test_held_ids_are_listed_with_their_tests() -> None:
    held = held_ids()
    [only] = [name for name in held["K-09"] if "test_07" in name]
    assert only == (
        "protocol/test_07_response.py"
        "::test_K_09_links_are_sent_only_where_there_are_any"
    )
    assert list(held) == sorted(held)
