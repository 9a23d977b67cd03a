"""The tree of errors and the table of statuses are one and the same."""

import inspect

from cds_hooks import errors


def classes() -> list[type[errors.CdsHooksError]]:
    return [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.CdsHooksError)
        and found is not errors.CdsHooksError
        and found.__module__ == errors.__name__
    ]


def test_every_error_has_its_line_in_the_status_table() -> None:
    assert set(classes()) == set(errors.STATUS)


def test_every_error_is_drawn_in_the_tree_with_its_status() -> None:
    drawing = errors.__doc__ or ""
    for error in classes():
        drawn = [line for line in drawing.splitlines() if f" {error.__name__} " in line]
        assert len(drawn) == 1, error.__name__
        assert f" {error.status} " in drawn[0], error.__name__


def test_every_error_says_in_one_line_what_it_means() -> None:
    for error in classes():
        assert error.__doc__, error.__name__
        assert error.__doc__.splitlines()[0].rstrip().endswith("."), error.__name__
