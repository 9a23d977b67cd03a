"""How many examples a property is tried on."""

from hypothesis import settings


def examples(percent: int) -> settings:
    """So many of a hundred of the profile's examples: calls are slower than functions.

    A profile that searches for longer (see ``tests/conftest.py``) does so here too.
    """
    return settings(max_examples=max(1, settings().max_examples * percent // 100))
