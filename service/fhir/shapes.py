"""The shape that the elements of a resource have when nothing is wrong with them.

A model of ``fhir.resources`` says precisely what does not fit, and takes fifty
microseconds for a resource even of few elements: each object within it passes through
Python three times. So for each resource type the fields of the R4B models that
``elements.READ`` names are compiled into one validator, with the models' own types for
them. What fits it fits the model, which a test holds; what does not is put to the model
to be told why, and where.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Required, get_args

from fhir_core import types
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    FiniteFloat,
    StrictInt,
    StringConstraints,
    TypeAdapter,
)

# pydantic asks for it instead of typing's below Python 3.12.
from typing_extensions import TypedDict

from service.fhir.elements import READ, Elements, Group, Many, Take
from service.fhir.models import MODELS


# Some types of the models are Python functions. Values that are plainly right, nearly
# all of them, are told without those; every other is left to the type itself.
_SURE_DAY = r"[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_PLAINLY_RIGHT: Mapping[type, Any] = {
    types.Date: Annotated[str, StringConstraints(pattern=f"^{_SURE_DAY}$")],
    types.DateTime: Annotated[str, StringConstraints(pattern=f"^{_SURE_DAY}$")],
    types.Instant: Annotated[
        str, StringConstraints(pattern=f"^{_SURE_DAY}T00:00:00Z$")
    ],
    types.Decimal: StrictInt | Annotated[FiniteFloat, Field(strict=True)],
}

# mypy wants the members of a TypedDict written out; these are made while running.
_typed_dict: Any = TypedDict


def fits(resource_type: str, elements: Elements) -> bool:
    """Whether ``elements`` are as R4 says, not minding missing ones that nobody reads.

    False decides nothing: the model has the last word.
    """
    return bool(_SHAPES[resource_type].isinstance_python(elements))


@cache  # the same concepts and quantities are parts of nearly everything
def _shape(model: type[BaseModel], group: Group, *, is_resource: bool = False) -> Any:
    """The type of what ``group`` takes out of an object that ``model`` describes.

    What a whole resource must have is not asked for: ``typed`` gives the model a
    stand-in for it. Within a resource, what is required is required here too.
    """
    members: dict[str, Any] = dict.fromkeys(group.stand_ins, Any)
    choices: dict[str, set[str]] = defaultdict(set)
    required_choices: set[str] = set()
    for name, take in group.parts.items():
        field = model.model_fields[name]
        # What fhir.resources notes of each element; of "value[x]", the "value".
        notes: Any = field.json_schema_extra
        type_ = _type_of(field.annotation, take)
        is_required = field.is_required() or notes.get("element_required", False)
        members[name] = Required[type_] if is_required and not is_resource else type_
        if "one_of_many" in notes:
            choices[notes["one_of_many"]].add(name)
            if notes["one_of_many_required"] and not is_resource:
                required_choices.add(notes["one_of_many"])
    shape = _typed_dict(model.__name__, members, total=False)
    for choice, names in choices.items():
        least = int(choice in required_choices)
        if len(names) > 1 or least:
            shape = Annotated[shape, BeforeValidator(_with_one_of(names, least))]
    return shape


def _type_of(annotation: Any, take: Take) -> Any:
    if isinstance(take, Many) and isinstance(take.part, Group):
        return GenericAlias(list, (_shape(_model_in(annotation), take.part),))
    if isinstance(take, Group):
        return _shape(_model_in(annotation), take)
    kinds = map(type, getattr(get_args(annotation)[0], "__metadata__", ()))
    plain = next((_PLAINLY_RIGHT[k] for k in kinds if k in _PLAINLY_RIGHT), None)
    if plain is None:
        return annotation
    return Annotated[plain | annotation, Field(union_mode="left_to_right")]


def _model_in(annotation: Any) -> type[BaseModel]:
    """The model behind ``CodeableConceptType | None``, or behind a list of such."""
    while not (isinstance(annotation, type) and issubclass(annotation, types.FhirBase)):
        annotation = get_args(annotation)[0]
    return annotation.get_model_klass()


def _with_one_of(names: set[str], least: int) -> Callable[[object], object]:
    """Refuses an object with several of ``names``, or with fewer than ``least``."""

    def check(value: object) -> object:
        if isinstance(value, dict) and not least <= len(names & value.keys()) <= 1:
            raise ValueError("not one of a choice of elements")
        return value

    return check


_SHAPES: Mapping[str, Any] = {
    name: TypeAdapter(_shape(MODELS[name], Group(parts), is_resource=True)).validator
    for name, parts in READ.items()
}
