"""What must hold between the knowledge files: every name leads somewhere.

``service.strict_toml`` refuses what a single file must not hold; here one file's names
are looked up in another.
"""

from collections.abc import Collection, Iterable, Iterator
from string import Formatter
from urllib.parse import urlsplit

from cds_hooks.cards import LONGEST_SUMMARY, utf16_length
from cds_hooks.web_addresses import is_absolute_url
from service.clinical.knowledge import (
    Knowledge,
    Review,
    RuleKnowledge,
    TextLine,
    Threshold,
)
from service.strict_toml import KnowledgeError, nearest


RISK_FACTORS = frozenset(
    {
        *("metformin", "ppi", "h2ra", "colchicine"),
        *("anticonvulsant", "anticonvulsant-other", "age75", "age65-74"),
        *("vegan", "vegan-supplemented", "vegetarian", "dietary-inadequacy"),
        *("pernicious-anaemia", "atrophic-gastritis", "bariatric-surgery"),
        *("gastrectomy", "ileal-resection", "small-bowel-resection"),
        *("crohn", "malabsorption", "coeliac"),
        *("autoimmune-thyroid", "type1-diabetes", "autoimmune-other"),
        *("alcohol", "nitrous-oxide", "radiotherapy", "family-history"),
        *("hereditary-cobalamin", "fish-tapeworm", "h-pylori"),
        *("pregnancy", "breastfeeding", "previous-deficiency"),
    }
)
"""The risk factors that logic knows, each by its table in ``risk_factors.toml``."""

COMPANIONS = frozenset(
    {
        *("paresthesia", "neuropathy", "balance-gait", "ataxia", "weakness"),
        *("fatigue", "cognitive", "mood", "psychosis", "confusion"),
        *("glossitis-mouth", "vision", "anaemia-macrocytosis"),
    }
)
"""The companion symptoms that logic knows."""

ORDERS = frozenset(
    {
        *("b12-total", "b12-active", "cbc", "folate", "mma", "homocysteine"),
        *("potassium", "magnesium", "calcium", "creatinine"),
        *("tsh", "hba1c", "ck", "ferritin"),
    }
)
"""The tests that rules suggest."""

RULES = frozenset(
    {
        *("b12-urgent", "b12-post-injection-potassium", "electrolyte-abnormal"),
        *("b12-treatment-gap", "b12-nitrous-oxide", "b12-indeterminate"),
        *("b12-screen", "folate-caution", "b12-recheck"),
        *("b12-on-treatment-review", "cramp-differential", "b12-diet-advice"),
    }
)
"""The twelve kinds of card."""

HEADINGS = frozenset({"why", "what_to_do", "more", "sources"})


def check_knowledge(
    knowledge: Knowledge,
    *,
    concepts: Collection[str],
    systems: Collection[str],
    notes: Collection[str],
) -> None:
    """Raise KnowledgeError for the first name that leads nowhere."""
    _check_keys("risk_factors.toml", knowledge.risk_factors, RISK_FACTORS, exact=True)
    _check_keys("companions.toml", knowledge.companions, COMPANIONS, exact=True)
    _check_keys("orders.toml", knowledge.orders, ORDERS)
    _check_keys("rules", knowledge.rules, RULES, exact=True)
    _check_keys("cards.toml: headings", knowledge.card_texts.headings, HEADINGS)
    _check_keys("orders.toml", knowledge.orders, {knowledge.profile.first_b12_test})
    for place, concept in _concepts_named(knowledge):
        _require(place, concept, concepts, "concept")
    for place, source in _sources_named(knowledge):
        _require(place, source, knowledge.references, "source")
    for name, reference in knowledge.references.items():
        if reference.url is not None:
            _check_link(name, reference.url, knowledge.card_texts.link_hosts)
    for place, line in _lines(knowledge):
        for condition in ("when", "unless"):
            note = getattr(line, condition)
            if note is not None:
                _require(f"{place}: {condition}", note, notes, "note")
    for place, threshold in _thresholds(knowledge):
        _require(f"{place}: unit", threshold.unit, knowledge.units, "unit")
    for name, order in knowledge.orders.items():
        _require(f"orders.toml: {name}: system", order.system, systems, "system")
    for name, reason in knowledge.override_reasons.items():
        if name != reason.code:
            raise KnowledgeError(
                f"override_reasons.toml: {name}: code is {reason.code!r}"
            )
    _check_limits(knowledge)
    for key, rule in knowledge.rules.items():
        _check_rule(f"rules/{key}.toml", rule, knowledge)
    for name, review in knowledge.reviews.items():
        _check_review(f"about.toml: reviews.{name}", review)


def _check_link(name: str, url: str, hosts: Collection[str]) -> None:
    """Cards lead clinicians to it, so it is one of the places that were chosen."""
    place = f"references.toml: {name}: url"
    # A user name or a port before the path is part of what must be on the list.
    parts = urlsplit(url) if is_absolute_url(url) else None
    if parts is None or parts.scheme != "https":
        raise KnowledgeError(f"{place}: {url!r} is no https address")
    _require(place, parts.netloc, hosts, "host in link_hosts of cards.toml")


def _check_keys(
    place: str, there: Collection[str], wanted: Collection[str], *, exact: bool = False
) -> None:
    unknown = sorted(set(there) - set(wanted)) if exact else []
    missing = sorted(set(wanted) - set(there))
    if unknown:
        hint = nearest(unknown[0], missing or wanted)
        raise KnowledgeError(f"{place}: {unknown[0]} is not a known key{hint}")
    if missing:
        raise KnowledgeError(f"{place}: {missing[0]} is missing")


def _require(place: str, name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise KnowledgeError(f"{place}: no {what} {name!r}{nearest(name, known)}")


def _concepts_named(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for file, entries in (
        ("risk_factors.toml", knowledge.risk_factors),
        ("companions.toml", knowledge.companions),
        ("causes.toml", knowledge.causes),
    ):
        for name, entry in entries.items():
            for concept in entry.concepts:
                yield f"{file}: {name}: concepts", concept


def _sources_named(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for file, entries in (
        ("risk_factors.toml", knowledge.risk_factors),
        ("causes.toml", knowledge.causes),
    ):
        for name, entry in entries.items():
            yield from _each(f"{file}: {name}: sources", entry.sources)
    for place, threshold in _thresholds(knowledge):
        yield from _each(f"{place}: sources", threshold.sources)
    for place, line in _lines(knowledge):
        yield from _each(f"{place}: sources", line.sources)
    for key, rule in knowledge.rules.items():
        yield from _each(f"rules/{key}.toml: sources", rule.sources)


def _each(place: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield place, name


def _thresholds(knowledge: Knowledge) -> Iterator[tuple[str, Threshold]]:
    thresholds = knowledge.thresholds
    for group in type(thresholds).model_fields:
        members = getattr(thresholds, group)
        for name in type(members).model_fields:
            yield f"thresholds.toml: {group}.{name}", getattr(members, name)


def _lines(knowledge: Knowledge) -> Iterator[tuple[str, TextLine]]:
    for file in ("treatments", "diets", "interferences", "circumstances"):
        for name, line in getattr(knowledge, file).items():
            yield f"{file}.toml: {name}", line
    for key, rule in knowledge.rules.items():
        for part in ("actions", "more"):
            for position, line in enumerate(getattr(rule, part), start=1):
                yield f"rules/{key}.toml: {part}[{position}]", line


def _check_limits(knowledge: Knowledge) -> None:
    for name in ("not_considered", "unread"):
        placeholder = {"not_considered": "kinds", "unread": "resources"}[name]
        text = getattr(knowledge.card_texts, name)
        if placeholders_of(text) != {placeholder}:
            raise KnowledgeError(f"cards.toml: {name} must hold {{{placeholder}}}")


def _check_rule(file: str, rule: RuleKnowledge, knowledge: Knowledge) -> None:
    for other in rule.yields_to:
        _require(f"{file}: yields_to", other, knowledge.rules, "rule")
        if rule.key in (other, *knowledge.rules[other].yields_to):
            raise KnowledgeError(f"{file}: yields_to: {other} yields to this rule")
    for reason in rule.override_reasons:
        known = knowledge.override_reasons
        _require(f"{file}: override_reasons", reason, known, "override reason")
    if (rule.cannot_tell is None) == (rule.say_nothing is None):
        raise KnowledgeError(f"{file}: give either cannot_tell or say_nothing")
    _check_summaries(file, rule)
    _check_review(file, rule.review)


def _check_summaries(file: str, rule: RuleKnowledge) -> None:
    if not rule.summaries:
        raise KnowledgeError(f"{file}: summaries is empty")
    for name, text in rule.summaries.items():
        for placeholder in placeholders_of(text):
            place = f"{file}: summaries.{name}"
            _require(place, placeholder, rule.placeholders, "placeholder")
        longest = text.format_map(rule.placeholders)
        length = utf16_length(longest)
        if length > LONGEST_SUMMARY:
            raise KnowledgeError(
                f"{file}: summaries.{name} can be {length} characters long,"
                f" {LONGEST_SUMMARY} are allowed"
            )
    for place, line in [*_named("actions", rule), *_named("more", rule)]:
        for placeholder in placeholders_of(line.text):
            known = rule.placeholders
            _require(f"{file}: {place}", placeholder, known, "placeholder")


def _named(part: str, rule: RuleKnowledge) -> Iterator[tuple[str, TextLine]]:
    for position, line in enumerate(getattr(rule, part), start=1):
        yield f"{part}[{position}]", line


def placeholders_of(text: str) -> set[str]:
    """The names between braces in ``text``."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _check_review(place: str, review: Review) -> None:
    if review.checked_by == review.owner:
        raise KnowledgeError(f"{place}: checked_by must be another than owner")
    if review.review_by <= review.reviewed:
        raise KnowledgeError(f"{place}: review_by must come after reviewed")
