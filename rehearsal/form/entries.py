"""Pieces of which the form is made: strict objects, one-line arguments, and mappings with exactly one key."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    create_model,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

EVERYWHERE: Final = "*"


def wrong(what: str, allowed: str, fix: str) -> PydanticCustomError:
    """Return the error of a mistake: what is wrong, what is allowed, and the fix."""
    return PydanticCustomError("form", "{what}", {"what": what, "allowed": allowed, "fix": fix})


def several(value: Any) -> Any:
    """Return a text that stands alone as the list of it."""
    return (value,) if isinstance(value, str) else value


def one_or_several(item: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what ``several`` reads."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


class Entry(BaseModel):
    """An object of the form: unknown keys are mistakes, values are never changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Arguments(Entry):
    """The arguments of a fault or an operation; ``shorthand`` names the one that may be written alone.

    ``region_down: us-east-1`` is ``region_down: {region: us-east-1}``.
    """

    shorthand: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _written_alone(cls, value: Any) -> Any:
        if value is None:
            return {}
        if cls.shorthand is not None and isinstance(value, str):
            return {cls.shorthand: value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Allow the shorthand in the JSON Schema too."""
        schema = handler(core)
        if cls.shorthand is None:
            return schema
        resolved = handler.resolve_ref_schema(schema)
        told = resolved.pop("description", cls.__doc__)
        title = resolved.pop("title", cls.__name__)
        whole = dict(resolved)
        resolved.clear()
        resolved.update(
            {
                "title": title,
                "description": told,
                "anyOf": [{"type": "string", "description": f"the {cls.shorthand}"}, whole],
            }
        )
        return schema

    def told(self) -> str:
        """Return the arguments that were given, in one line."""
        given = self.model_dump(by_alias=True, exclude_defaults=True)
        return " ".join(
            str(value) if key == self.shorthand else f"{key}={_line(value)}" for key, value in given.items()
        )


class OneOf(Entry):
    """A mapping with exactly one of its keys, whose value it stands for."""

    noun: ClassVar[str] = "kind"

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise wrong(
                f"takes exactly one {self.noun}",
                ", ".join(type(self).model_fields),
                f"write one {self.noun} here, and a step of its own for each other",
            )
        return self

    @property
    def chosen(self) -> Any:
        """The value of the one key."""
        (key,) = self.model_fields_set
        return getattr(self, key)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say ``exactly one`` in the JSON Schema too."""
        schema = handler(core)
        handler.resolve_ref_schema(schema).update({"minProperties": 1, "maxProperties": 1})
        return schema


class Chosen:
    """Annotates a field that is written as a mapping with one key out of ``kinds``, and read as its value.

    With ``word`` that word alone is allowed too.
    """

    def __init__(self, noun: str, kinds: Mapping[Any, type[Arguments]], word: str | None = None) -> None:
        fields: dict[str, Any] = {
            # The default is never seen: a key that is not written is not in fields_set.
            kind.value: (arguments, Field(default_factory=arguments.model_construct))
            for kind, arguments in kinds.items()
        }
        name = f"One{noun.capitalize()}"
        self.model = create_model(name, __base__=OneOf, __doc__=f"One {noun} with its arguments.", **fields)
        self.model.noun = noun
        self.word = word

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate by the mapping's model and give its value."""
        inner = core_schema.no_info_after_validator_function(
            lambda one: one.chosen, handler.generate_schema(self.model)
        )
        return core_schema.no_info_wrap_validator_function(
            lambda value, validate: value if self.word is not None and value == self.word else validate(value), inner
        )

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Allow the word in the JSON Schema too."""
        schema = handler(core)
        return schema if self.word is None else {"anyOf": [{"const": self.word}, schema]}


def _line(value: Any) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, tuple | list) else str(value)
