"""Test the tests: change the clinical rules in small ways, and see who notices.

    python tools/mutate.py [MODULE ...]     e.g. cramps rules.b12_screen; default: all
    python tools/mutate.py --survivors      only what changed nothing in the last run
    python tools/mutate.py --show MUTANT    what was changed

The changes are mutmut's (a comparison turned, a limit moved by one, an argument left
out, a branch forced). Three things are done otherwise than by `mutmut run`:

- mutmut leaves decorated functions alone, and half of what the rules ask are
  properties. In the copy that is changed, under build/mutation/, a property is written
  as a function that is made a property afterwards.
- mutmut runs pytest for each mutant. Here each mutant meets the examples of tests/spec
  first, then the records of tests/vignettes, directly, which is some twenty times as
  fast; only what they let live meets the other tests of facts and texts, in pytest.
- A mutant is noticed where an example gets another card, indicator, summary, test,
  urgency or note than the printed manual says, which a test holds. Of what lives it is
  said whether any example is *told* otherwise (its evidence, its trace), or whether
  *nothing* is otherwise.

docs/mutation-testing.md holds the figures, and why each survivor may live.
"""

import argparse
import difflib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import libcst as cst


ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "mutation"
LAST_RUN = ROOT / "build" / "mutation.json"
COPIED = ("cds_hooks", "service", "tests", "pyproject.toml")
CLINICAL = Path("service/clinical")
PACKAGE = "service.clinical"
PROPERTIES = ("property", "cached_property")
DECIDES_NOTHING = frozenset({"trace.py"})
"""The trace is made of an evaluation once all is decided."""
OTHER_TESTS = (
    "tests/clinical",
    "tests/spec/test_remarks.py",
    "tests/spec/test_suggested_tests.py",
    "tests/spec/test_card_texts.py",
    "tests/spec/test_uncertain_results.py",
)
PYTEST = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider")
CHILDREN = 2
SECONDS = 60

KILLED, TOLD, NOTHING = "killed", "told", "nothing"
VERDICTS = (KILLED, TOLD, NOTHING)
"""Exit codes of a child by their index. The last two are survivors, by what they
change in the examples."""


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--show", metavar="MUTANT")
    parser.add_argument("--in-copy", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.show:
        print(difference(arguments.show))
        return 0
    if arguments.in_copy:
        return run_mutants(arguments.modules, only_survivors=arguments.survivors)
    prepare()
    command = [sys.executable, Path(__file__).resolve(), "--in-copy"]
    environment = {**os.environ, "PYTHONPATH": str(COPY), "PYTHONHASHSEED": "0"}
    options = ["--survivors"] if arguments.survivors else arguments.modules
    return subprocess.run(
        [*command, *options], cwd=COPY, env=environment, check=False
    ).returncode


# The copy, and the mutants in it


def prepare() -> None:
    """Make the copy anew, with every mutant beside the function it is of."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name,
                COPY / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        else:
            shutil.copy(ROOT / name, COPY / name)
    # Here, since mutmut reads its settings from the working directory when asked.
    os.chdir(COPY)
    from mutmut.mutation.file_mutation import mutate_file_contents

    names = {}
    for file in sorted((COPY / CLINICAL).rglob("*.py")):
        if file.name in DECIDES_NOTHING:
            continue
        module = ".".join(file.relative_to(COPY).with_suffix("").parts)
        source = open_properties(file.read_text("utf-8"))
        made = mutate_file_contents(str(file), source)
        file.write_text(made.code, "utf-8")
        names[module] = [f"{module}.{name}" for name in made.mutant_names]
    (COPY / "mutants.json").write_text(json.dumps(names), "utf-8")


def open_properties(source: str) -> str:
    """The module with every ``@property`` written as a function and an assignment."""
    return cst.parse_module(source).visit(_OpenProperties()).code


class _OpenProperties(cst.CSTTransformer):
    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        match updated_node.decorators:
            case [cst.Decorator(decorator=cst.Name(value=kind))] if kind in PROPERTIES:
                name = updated_node.name.value
                made = cst.parse_statement(f"{name} = {kind}({name})\n")
                return cst.FlattenSentinel(
                    [updated_node.with_changes(decorators=()), made]
                )
            case _:
                return updated_node


def difference(mutant: str) -> str:
    """What the mutant changes in its function."""
    module, _, name = mutant.rpartition(".")
    file = COPY / f"{module.replace('.', '/')}.py"
    functions = dict(_functions(cst.parse_module(file.read_text("utf-8"))))
    original = functions[f"{name.rpartition('_')[0]}_orig"]
    lines = difflib.unified_diff(
        original.splitlines(), functions[name].splitlines(), lineterm="", n=2
    )
    return "\n".join([mutant, *list(lines)[3:]])


def _functions(module: cst.Module) -> Iterator[tuple[str, str]]:
    for statement in module.body:
        body = statement.body.body if isinstance(statement, cst.ClassDef) else ()
        for each in (statement, *body):
            if isinstance(each, cst.FunctionDef):
                yield each.name.value, module.code_for_node(each)


# The runs


def run_mutants(chosen: Iterable[str], *, only_survivors: bool) -> int:
    """Put every mutant (of the modules chosen) to the tests; report the survivors."""
    names: dict[str, list[str]] = json.loads((COPY / "mutants.json").read_text("utf-8"))
    wanted = {f"{PACKAGE}.{module}" for module in chosen}
    known: dict[str, str] = {}
    if LAST_RUN.exists() and (only_survivors or wanted):
        known = json.loads(LAST_RUN.read_text("utf-8"))
    mutants = [
        name
        for module, its in names.items()
        if not wanted or module in wanted
        for name in its
        if not only_survivors or known.get(name) not in (KILLED, TOLD)
    ]
    found = {**known, **verdicts(mutants)}
    every = [name for its in names.values() for name in its]
    found = {name: found[name] for name in every if name in found}
    LAST_RUN.write_text(json.dumps(found, indent=1), "utf-8")
    report(found)
    return 0


class _Active:
    """Which mutant is in force; asked at every call of a function that has some, and
    so without mutmut's look into the environment."""

    def __init__(self) -> None:
        from mutmut.mutation import trampoline

        self.name = ""
        self.called: set[str] = set()
        vars(trampoline).update(
            get_mutant_under_test=lambda: self.name,
            record_trampoline_hit=lambda name, caller: self.called.add(name),
        )

    def calls_of(self, run: Callable[[], object]) -> frozenset[str]:
        """The functions that ``run`` calls, among those that have mutants."""
        self.called.clear()
        self.name = "stats"
        run()
        self.name = ""
        return frozenset(self.called)


def verdicts(mutants: Collection[str]) -> dict[str, str]:
    """What became of each mutant, tried in a process of its own.

    It meets only the examples that call the function it is in.
    """
    import pytest

    # Loaded before the first fork, so that no child needs to load it again.
    from tests.spec.at_once import every_example, every_vignette
    from tests.spec.examples import cards_of, evaluation_of

    active = _Active()
    examples = every_example()
    # Neighbours are alike: mixed, they notice a change sooner.
    random.Random(0).shuffle(examples)
    number_told = len(examples)
    examples += every_vignette()

    def told_of(example: Any) -> tuple[object, object]:
        return told(evaluation_of(example))

    expected = [told_of(example) for example in examples]
    calls = [active.calls_of(partial(told_of, example)) for example in examples]
    pytest.main([*PYTEST, *OTHER_TESTS])

    def verdict(name: str) -> str:
        function = name.rpartition("__mutmut_")[0]
        active.name = name
        changed = NOTHING
        for position, example in enumerate(examples):
            if function not in calls[position]:
                continue
            evaluation = evaluation_of(example)
            if cards_of(evaluation) != example.cards:
                return KILLED
            now, before = told(evaluation), expected[position]
            # The manual prints it of the examples, not of the vignettes.
            if position < number_told and now[0] != before[0]:
                return KILLED
            if now != before:
                changed = TOLD
        code = pytest.main([*PYTEST, *OTHER_TESTS])
        return changed if code == pytest.ExitCode.OK else KILLED

    return dict(_in_children(mutants, verdict))


def told(evaluation: Any) -> tuple[object, object]:
    """What the manual prints of an example's cards, and what else is told of it."""
    from tests.spec.examples import cards_told

    return (
        (cards_told(evaluation), evaluation.undecided and evaluation.undecided.missing),
        (
            [(each.key, each.concern) for each in evaluation.shown],
            [(each.key, each.by) for each in evaluation.suppressed],
            evaluation.undecided,
            evaluation.facts,
            evaluation.absent,
            evaluation.unread,
            evaluation.answers,
            evaluation.gate,
        ),
    )


def _in_children(
    names: Collection[str], verdict: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    running: dict[int, str] = {}
    started = time.monotonic()
    for number, name in enumerate(names, start=1):
        if len(running) == CHILDREN:
            yield _finished(running)
        running[_child(name, verdict)] = name
        if number % 200 == 0:
            seconds = time.monotonic() - started
            print(f"{number} of {len(names)}, {seconds:.0f} s", flush=True)
    while running:
        yield _finished(running)


def _child(name: str, verdict: Callable[[str], str]) -> int:
    child = os.fork()
    if child:
        return child
    # A change can make a loop endless: the signal ends it, and it counts as noticed.
    signal.alarm(SECONDS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        code = VERDICTS.index(verdict(name))
    except BaseException:  # whatever a mutant does wrong, it was noticed
        code = VERDICTS.index(KILLED)
    os._exit(code)


def _finished(running: dict[int, str]) -> tuple[str, str]:
    child, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    return running.pop(child), VERDICTS[code] if code >= 0 else KILLED


def report(found: Mapping[str, str]) -> None:
    """Print the survivors and the figures."""
    by_module: dict[str, Counter[str]] = defaultdict(Counter)
    for name, verdict in sorted(found.items()):
        module = name.removeprefix(f"{PACKAGE}.").partition(".x")[0]
        by_module[module][verdict] += 1
        if verdict != KILLED:
            print(f"{verdict}: {name}")
    print(f"{'module':36}" + "".join(f"{verdict:>10}" for verdict in VERDICTS))
    for module, seen in by_module.items():
        print(f"{module:36}" + "".join(f"{seen[v]:>10}" for v in VERDICTS))
    total = sum(by_module.values(), Counter())
    print(f"{'all':36}" + "".join(f"{total[v]:>10}" for v in VERDICTS))


if __name__ == "__main__":
    raise SystemExit(main())
