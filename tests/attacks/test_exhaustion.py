"""Bodies made to cost time or memory: a clear answer, soon, and no memory kept."""

import gzip
import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.attacks.doors import SERVICE_ID, Door
from tests.http.patients import (
    bundle,
    cramps,
    folic_acid,
    metformin,
    prefetch,
    request,
)


MEBIBYTE = 1024 * 1024
LARGEST_BODY = 10 * MEBIBYTE

MOST_SECONDS = 15.0
"""Of processor time, on any machine. Most bodies take a hundredth of it."""

MOST_MEMORY = 700 * MEBIBYTE
"""That a worker takes for a body of the largest size, while it decodes it."""

MOST_MEMORY_KEPT = 100 * MEBIBYTE
"""That a worker holds more of after all of these bodies than after the first few."""


def send(door: Door, body: bytes, **headers: str) -> requests.Response:
    return requests.post(
        f"{door.url}/cds-services/{SERVICE_ID}", data=body, headers=headers, timeout=120
    )


def code(answer: requests.Response) -> str:
    assert answer.headers["Content-Type"] == "application/json"
    (issue,) = answer.json()["issue"]
    return str(issue["code"])


def as_value(text: bytes) -> bytes:
    """A call with the JSON `text` in the place of its extension."""
    whole = json.dumps({**request(), "extension": "HERE"}).encode()
    return whole.replace(b'"HERE"', text)


def in_chart(text: bytes) -> bytes:
    """A call with the JSON `text` as what a condition of the chart says."""
    conditions = bundle(cramps(code={"text": "HERE"}))
    whole = json.dumps(request(prefetch=prefetch(conditions=conditions))).encode()
    return whole.replace(b'"HERE"', text)


NOT_SANE = {
    "a_hundred_thousand_arrays": (b"[" * 100_000 + b"]" * 100_000, 422),
    "a_hundred_thousand_objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 422),
    "arrays_that_never_end": (b"[" * 4_000_000, 422),
    "a_number_of_5000_digits": (b"9" * 5_000, 422),
    "a_number_of_a_million_digits": (b"9" * 1_000_000, 422),
    "a_fraction_of_5000_digits": (b"0." + b"1" * 5_000, 422),
    "a_number_beyond_all_bounds": (b"1e999999999", 422),
    "the_same_name_twice": (b'{"a":1,"a":2}', 422),
    "NaN": (b"NaN", 400),
    "Infinity": (b"-Infinity", 400),
    "half_a_surrogate_pair": (rb'"\ud83d"', 422),
    "the_other_half": (rb'"\ude00 x"', 422),
    "bytes_that_are_no_UTF_8": (b'"\xff\xfe"', 400),
    "overlong_UTF_8": (b'"\xc0\xaf"', 400),
    "surrogates_in_UTF_8": (b'"\xed\xa0\xbd"', 400),
    "UTF_16": ('"é"'.encode("utf-16"), 400),
    "a_control_character": (b'"a\x00b"', 400),
    "an_unknown_escape": (rb'"\x41"', 400),
    "no_end": (b'"', 400),
    "a_comment": (b"1 /* */", 400),
    "a_trailing_comma": (b"[1,]", 400),
    "single_quotes": (b"'a'", 400),
}


@pytest.mark.parametrize(("text", "status"), NOT_SANE.values(), ids=NOT_SANE)
def test_J_09_what_is_no_sane_json_is_refused_wherever_it_stands(
    open_door: Door, text: bytes, status: int
) -> None:
    answers = [
        send(open_door, body)
        for body in (text, as_value(text), in_chart(text))
        if len(body) < LARGEST_BODY
    ]
    assert {answer.status_code for answer in answers} <= {400, status}
    assert answers[-1].status_code in (400, 422)
    assert {code(answer) for answer in answers} <= {"structure", "invalid"}


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"null", b"[]", b"0", b'"x"', b"true", b"[{}]", b"{}", b"\xef\xbb\xbf"],
)
def test_J_08_what_is_no_object_of_ours_is_refused(
    open_door: Door, body: bytes
) -> None:
    answer = send(open_door, body)
    assert answer.status_code in (400, 422)
    assert code(answer) in ("structure", "invalid")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b" " * 50 * MEBIBYTE)),
        ("deflate", zlib.compress(b" " * 50 * MEBIBYTE)),
        ("br", b"\x1b\xff\xff\xff"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip, gzip", gzip.compress(gzip.compress(b" " * MEBIBYTE))),
        ("x-unknown", b"{}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_compressed_body_is_refused_and_never_unpacked(
    open_door: Door, encoding: str, body: bytes
) -> None:
    before = memory_of_workers(open_door)
    answer = send(open_door, body, **{"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert code(answer) == "not-supported"
    assert memory_of_workers(open_door) - before < 20 * MEBIBYTE


def colliding(count: int) -> list[str]:
    """Names that are all equal to a hash of the kind `h * 31 + c`."""
    names = [""]
    while len(names) < count:
        names = [name + pair for name in names for pair in ("Aa", "BB")]
    return names[:count]


def long_chart(**changes: Any) -> bytes:
    return json.dumps(request(prefetch=prefetch(**changes))).encode()


def repeated(item: bytes, times: int) -> bytes:
    return b"[" + b",".join([item] * times) + b"]"


def entries(item: bytes, times: int) -> bytes:
    whole = long_chart(conditions={"resourceType": "Bundle", "entry": "HERE"})
    return whole.replace(b'"HERE"', repeated(item, times))


LARGE = {
    "one_string_of_9_MB": lambda: as_value(b'"' + b"x" * 9 * MEBIBYTE + b'"'),
    "one_string_of_escapes": lambda: as_value(b'"' + rb"\"" * 4 * MEBIBYTE + b'"'),
    "one_name_of_9_MB": lambda: as_value(b'{"' + b"x" * 9 * MEBIBYTE + b'":1}'),
    "three_million_objects": lambda: as_value(repeated(b"{}", 3_000_000)),
    "three_million_arrays": lambda: as_value(repeated(b"[]", 3_000_000)),
    "four_million_numbers": lambda: as_value(repeated(b"0", 4_500_000)),
    "a_million_fractions": lambda: as_value(repeated(b"1.5", 1_000_000)),
    "many_names": lambda: as_value(
        json.dumps(dict.fromkeys(map(str, range(300_000)))).encode()
    ),
    "names_that_collide": lambda: as_value(
        json.dumps(dict.fromkeys(colliding(2**17))).encode()
    ),
    "a_hundred_thousand_prefetch_keys": lambda: long_chart(
        **{f"key{number}": None for number in range(100_000)}
    ),
    "three_million_empty_entries": lambda: entries(b"{}", 3_000_000),
    "a_million_entries_that_are_numbers": lambda: entries(b"0", 1_000_000),
    "sixty_thousand_resources": lambda: entries(
        b'{"resource":{"resourceType":"Condition","code":{"text":"cramps, calf, at'
        b' night, both legs"},"onsetDateTime":"2025-05-01"}}',
        60_000,
    ),
    "ten_thousand_cramps": lambda: long_chart(
        conditions=bundle(*(cramps(id=f"c{number}") for number in range(10_000)))
    ),
    "ten_thousand_cramps_that_cannot_be_read": lambda: long_chart(
        conditions=bundle(
            *(cramps(id=f"c{n}", onsetDateTime="x", subject={}) for n in range(5_000))
        )
    ),
    "fifty_thousand_dosages": lambda: long_chart(
        medicationRequests=bundle(
            metformin(dosageInstruction=[{"text": "1 tablet daily"}] * 50_000)
        )
    ),
    "fifty_thousand_codings": lambda: long_chart(
        conditions=bundle(
            cramps(
                code={
                    "coding": [
                        {"system": "http://snomed.info/sct", "code": str(number)}
                        for number in range(50_000)
                    ]
                }
            )
        )
    ),
    "a_chain_of_references": lambda: long_chart(
        medicationRequests=bundle(
            *(
                {
                    **metformin(id=f"m{number}"),
                    "medicationReference": {"reference": f"Medication/x{number}"},
                }
                for number in range(5_000)
            )
        )
    ),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_a_body_made_to_cost_is_answered_in_bounded_time_and_memory(
    open_door: Door, make: Any
) -> None:
    body = make()
    assert len(body) < LARGEST_BODY
    reset_peaks(open_door)
    before, began = memory_of_workers(open_door), seconds_of_workers(open_door)
    answer = send(open_door, body)
    assert answer.status_code in (200, 412, 413, 422)
    if answer.status_code == 413:
        assert code(answer) == "too-long"
    assert len(answer.content) < len(body) + MEBIBYTE
    assert seconds_of_workers(open_door) - began < MOST_SECONDS
    assert peak_of_workers(open_door) - before < MOST_MEMORY


TEXT = 500_000
"""Characters; twice as many are answered 413 where the text itself has escapes."""
HOSTILE_TEXTS = [
    "a" * TEXT,
    " " * TEXT,
    "\t" * TEXT,
    "no " * (TEXT // 3),
    "leg " * (TEXT // 4) + "cramps",
    "cramps " * (TEXT // 7),
    "muscle " * (TEXT // 7),
    "1" * TEXT,
    "1," * (TEXT // 2),
    "1.1" * (TEXT // 3),
    "1 mg " * (TEXT // 5),
    "every " * (TEXT // 6),
    "9/9" * (TEXT // 3),
    "1-" * (TEXT // 2),
    "(" * TEXT,
    "metformin " + "1 " * (TEXT // 2),
    "vitamin" + " " * TEXT + "b12",
    "İ" * (TEXT // 6),
    "*_[](" * (TEXT // 5),
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_no_text_of_a_chart_makes_a_search_go_back_for_ever(
    open_door: Door, text: str
) -> None:
    display = cramps(id="c2", note=[{"text": text}], onsetString=text)
    display["code"]["coding"][0]["display"] = text
    chart = prefetch(
        conditions=bundle(
            cramps(), display, {"resourceType": "Condition", "code": {"text": text}}
        ),
        medicationRequests=bundle(
            metformin(medicationCodeableConcept={"text": f"metformin {text}"}),
            folic_acid(1, dosageInstruction=[{"text": text}]),
        ),
    )
    body = json.dumps(request(prefetch=chart)).encode()
    began = seconds_of_workers(open_door)
    answer = send(open_door, body)
    assert answer.status_code == 200
    for card in answer.json()["cards"]:
        assert len(card["summary"]) < 140
        assert len(card["detail"]) < 20_000
    assert seconds_of_workers(open_door) - began < MOST_SECONDS


def test_no_memory_is_kept_of_bodies_made_to_cost(open_door: Door) -> None:
    bodies = [LARGE["names_that_collide"](), as_value(repeated(b"1.5", 300_000))]
    bodies += [as_value(text[:100_000]) for text, _ in NOT_SANE.values()]
    for body in bodies * 2:
        send(open_door, body)
    before = memory_of_workers(open_door)
    for body in bodies * 5:
        send(open_door, body)
    assert memory_of_workers(open_door) - before < MOST_MEMORY_KEPT


def test_the_service_still_answers_after_all_of_this(open_door: Door) -> None:
    answer = send(open_door, json.dumps(request()).encode())
    assert answer.status_code == 200
    assert answer.json()["cards"]
    assert "WORKER TIMEOUT" not in open_door.written()


def statuses(door: Door) -> Iterator[dict[str, str]]:
    for worker in door.worker_ids():
        lines = Path(f"/proc/{worker}/status").read_text().splitlines()
        yield dict(line.split(":", 1) for line in lines)


def memory_of_workers(door: Door) -> int:
    """Bytes that all workers together have in memory."""
    return sum(int(each["VmRSS"].split()[0]) for each in statuses(door)) * 1024


def peak_of_workers(door: Door) -> int:
    """The most bytes that they had since `reset_peaks`."""
    return sum(int(each["VmHWM"].split()[0]) for each in statuses(door)) * 1024


def reset_peaks(door: Door) -> None:
    for worker in door.worker_ids():
        Path(f"/proc/{worker}/clear_refs").write_text("5")


def seconds_of_workers(door: Door) -> float:
    """Processor time that they have used."""
    ticks = 0
    for worker in door.worker_ids():
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def test_processor_time_is_really_measured(open_door: Door) -> None:
    began = seconds_of_workers(open_door)
    deadline = time.monotonic() + 30
    while seconds_of_workers(open_door) == began and time.monotonic() < deadline:
        send(open_door, json.dumps(request()).encode())
    assert seconds_of_workers(open_door) > began
