"""Every example in one test: for mutation testing, which runs them some thousand times.

Not collected by itself; ``tools/mutate.py`` names this file.
"""

import importlib
import pkgutil

import tests.spec
from tests.spec.examples import Example, cards_of, evaluation_of


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


def test_every_example_at_once() -> None:
    for example in every_example():
        assert cards_of(evaluation_of(example)) == example.cards, example.sentence
