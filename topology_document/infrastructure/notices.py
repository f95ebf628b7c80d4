"""What users read when no region of their zone can serve them: their data is nowhere else, and they stay too."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from topology_document.section import Section
from topology_document.values import refused

_LONGEST: Final = 600


def _words(value: str) -> str:
    if not value.strip() or len(value) > _LONGEST or not value.isprintable() or "<" in value:
        raise refused(f"one line of at most {_LONGEST} characters, without <", "write plain words")
    return value


Words = Annotated[
    str,
    AfterValidator(_words),
    WithJsonSchema({"type": "string", "maxLength": _LONGEST, "description": "Plain words for people."}),
]


def _language(value: str) -> str:
    if len(value) != 2 or not value.isascii() or not value.isalpha() or value != value.lower():
        raise refused("a language's two letters in ISO 639", 'write it such as "fr", in quotes')
    return value


def _interval(value: int) -> int:
    if value not in (10, 30):
        raise refused("10 or 30, as Route 53's checkers have it", "write interval_seconds: 10")
    return value


class NoticeSection(Section):
    """The notice of one route."""

    title: Words = Field(description="The first line.", examples=["We are not available at the moment"])
    text: Words = Field(
        description="What happened, what did not, and what to do.",
        examples=["Your data stays where it is. Please try again in a few minutes."],
    )
    language: Annotated[str, AfterValidator(_language), WithJsonSchema({"type": "string", "pattern": "^[a-z]{2}$"})] = (
        Field("en", description="The language of both, as ISO 639 writes it.")
    )
    retry_after_seconds: int = Field(
        60, ge=10, le=3600, description="When programs may ask again, and the page asks by itself."
    )
    interval_seconds: Annotated[
        int, AfterValidator(_interval), WithJsonSchema({"type": "integer", "enum": [10, 30], "maximum": 30})
    ] = Field(10, description="How often Route 53's checkers look at the regions of the route.")
    failures: int = Field(3, ge=1, le=10, description="So many failed looks in a row make a region count as gone.")
