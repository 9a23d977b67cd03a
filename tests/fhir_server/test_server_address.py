"""Base URLs are compared part by part; what can be read in two ways is refused."""

import pytest

from service.fhir_server.server_address import AddressRefused, ServerAddress


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhir"),
        ("https://ehr.example.org/fhir/", "https://ehr.example.org/fhir"),
        ("https://ehr.example.org", "https://ehr.example.org"),
        ("HTTPS://EHR.Example.ORG/fhir", "https://ehr.example.org/fhir"),
        ("https://ehr.example.org./fhir", "https://ehr.example.org/fhir"),
        ("https://ehr.example.org:443/fhir", "https://ehr.example.org/fhir"),
        ("http://ehr.example.org:80/fhir", "http://ehr.example.org/fhir"),
        ("https://ehr.example.org:8443/fhir", "https://ehr.example.org:8443/fhir"),
        ("https://192.0.2.7/fhir", "https://192.0.2.7/fhir"),
        ("https://[2001:DB8:0:0::7]:443/fhir", "https://[2001:db8::7]/fhir"),
        ("https://xn--bcher-kva.example/R4", "https://xn--bcher-kva.example/R4"),
        ("http://fhir_server:8080", "http://fhir_server:8080"),
    ],
)
def test_every_address_has_one_spelling(written: str, spelling: str) -> None:
    assert ServerAddress.parse(written).url == spelling


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ehr.example.org",
        "//ehr.example.org/fhir",
        "ftp://ehr.example.org/fhir",
        "file:///etc/passwd",
        "https://",
        "https://:443/fhir",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:65536/fhir",
        "https://ehr.example.org:port/fhir",
        "https://user@ehr.example.org/fhir",
        "https://user:secret@ehr.example.org/fhir",
        "https://ehr.example.org@evil.example/fhir",
        "https://ehr.example.org\\@evil.example/fhir",
        "https://evil.example\\.ehr.example.org/fhir",
        "https://ehr.example.org%2eevil.example/fhir",
        "https://127.0.0.1%00.example.org/fhir",
        "https://ehr.example.org/fhir?patient=1",
        "https://ehr.example.org/fhir?",
        "https://ehr.example.org/fhir#there",
        "https://ehr.example.org/fhir/../admin",
        "https://ehr.example.org/fhir/./r4",
        "https://ehr.example.org/fhir/%2e%2e/admin",
        "https://ehr.example.org/fhir/%252E%252E/admin",
        "https://ehr.example.org/fhir/..%5cadmin",
        "https://ehr.example.org /fhir",
        "https://ehr.exam\tple.org/fhir",
        "https://ehr.example.org/fhir\r\nHost: evil.example",
        "https://ehr..example.org/fhir",
        "https://-ehr.example.org/fhir",
        f"https://{'a' * 64}.example/fhir",
        "https://b\u00fccher.example/R4",
        "https://ehr\u3002example.org/fhir",
        "https://\uff11\uff12\uff17.0.0.1/fhir",
        "https://[::1/fhir",
        "https://[fe80::1%25eth0]/fhir",
        "https://[::1].example.org/fhir",
    ],
)
def test_an_address_that_could_mean_another_server_is_refused(written: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        ServerAddress.parse(written)
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.0",
        "127.0.0.0x1",
        "1.2.3.256",
        "0",
    ],
)
def test_ipv4_in_octal_hexadecimal_or_short_form_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        ServerAddress.parse(f"http://{host}/fhir")


@pytest.mark.parametrize(
    ("allowed", "other", "is_covered"),
    [
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhir", True),
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhir/r4", True),
        ("https://ehr.example.org/fhir", "https://EHR.example.org:443/fhir/", True),
        ("https://ehr.example.org", "https://ehr.example.org/any/path", True),
        ("https://ehr.example.org/fhir", "https://ehr.example.org", False),
        ("https://ehr.example.org/fhir", "https://ehr.example.org/fhirs", False),
        ("https://ehr.example.org/fhir", "https://ehr.example.org/FHIR", False),
        ("https://ehr.example.org/fhir", "http://ehr.example.org/fhir", False),
        ("https://ehr.example.org/fhir", "https://ehr.example.org:8443/fhir", False),
        (
            "https://ehr.example.org/fhir",
            "https://ehr.example.org.evil.test/fhir",
            False,
        ),
        ("https://ehr.example.org/fhir", "https://xehr.example.org/fhir", False),
        ("https://[::1]/fhir", "https://[0:0:0:0:0:0:0:1]/fhir", True),
    ],
)
def test_A_06_a_listed_server_covers_itself_and_what_lies_below_it(
    allowed: str, other: str, is_covered: bool
) -> None:
    listed = ServerAddress.parse(allowed)
    assert listed.covers(ServerAddress.parse(other)) is is_covered


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8090/fhir", True),
        ("http://127.8.9.10/fhir", True),
        ("http://[::1]:8090/fhir", True),
        ("http://localhost:8090/fhir", True),
        ("http://localhost.example.org/fhir", False),
        ("http://127.0.0.1.example.org/fhir", False),
        ("http://10.0.0.1/fhir", False),
        ("http://0.0.0.0/fhir", False),
        ("http://[::]/fhir", False),
        ("http://[::ffff:127.0.0.1]/fhir", False),
    ],
)
def test_loopback_is_known_without_asking_any_name_server(
    url: str, is_loopback: bool
) -> None:
    assert ServerAddress.parse(url).is_loopback is is_loopback
