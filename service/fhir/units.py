"""Units of measurement as charts write them, under our canonical names."""

from collections.abc import Mapping

from service.clinical.knowledge import Unit


class Units:
    """Looks up the canonical name (a key of ``units.toml``) of a unit as written."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._as_written: dict[str, str] = {}
        for name, unit in units.items():
            for spelling in (name, *unit.spellings):
                self._as_written.setdefault(_plain(spelling), name)
        folded: dict[str, set[str]] = {}
        for spelling, name in self._as_written.items():
            folded.setdefault(spelling.casefold(), set()).add(name)
        # UCUM minds upper and lower case; people do not ("PG/ML"). Taken without regard
        # to case only where that cannot mean another unit.
        self._folded = {
            spelling: next(iter(names))
            for spelling, names in folded.items()
            if len(names) == 1
        }

    def canonical(self, text: str | None) -> str | None:
        """The canonical name of a unit, or None if it is unknown or there is none."""
        if not text:
            return None
        spelling = _plain(text)
        return self._as_written.get(spelling) or self._folded.get(spelling.casefold())

    def agree(self, one: str, other: str) -> bool:
        """Whether two canonical units are the same measure under two names."""
        a, b = self._units[one], self._units[other]
        return (a.dimension, a.factor) == (b.dimension, b.factor)


def _plain(text: str) -> str:
    """Without blanks, and with one letter for the two that are written for micro."""
    return "".join(text.split()).replace("µ", "u").replace("μ", "u")
