"""Every example in one test: for mutation testing, which runs them some thousand times.

Not collected by itself; ``tools/mutate.py`` names this file.
"""

import importlib
import pkgutil

import tests.spec
from service.fhir.bundles import Resource
from service.fhir.read import read_record
from service.fhir.terminology import Terminology
from service.fhir.units import Units
from service.knowledge_files import load_terminology
from tests.spec.examples import Example, cards_of, evaluation_of, knowledge
from tests.spec.patients import TODAY, Person
from tests.vignettes.test_vignettes import ENCODINGS, VIGNETTES


def every_example() -> list[Example]:
    """The examples of all chapters."""
    return [
        example
        for module in pkgutil.iter_modules(tests.spec.__path__)
        if module.name.startswith("test_")
        for example in getattr(
            importlib.import_module(f"tests.spec.{module.name}"), "EXAMPLES", ()
        )
    ]


def every_vignette() -> list[Example]:
    """The vignettes as records, read once from both encodings."""
    terminology, units = Terminology(load_terminology()), Units(knowledge("us").units)
    return [
        Example(
            vignette["id"],
            Person(
                record=read_record(
                    [Resource(content=each) for each in chart_of(facts, TODAY, 0)],
                    terminology=terminology,
                    units=units,
                    today=TODAY,
                ),
                words=(),
            ),
            tuple(
                f"{each['key']}:{each['indicator']}" for each in vignette["expected"]
            ),
            profile=facts["profile"],
        )
        for chart_of in ENCODINGS.values()
        for vignette in VIGNETTES
        for facts in [vignette["facts"]]
    ]


def test_every_vignette_at_once() -> None:
    for example in every_vignette():
        assert cards_of(evaluation_of(example)) == example.cards, example.sentence


def test_every_example_at_once() -> None:
    for example in every_example():
        assert cards_of(evaluation_of(example)) == example.cards, example.sentence
