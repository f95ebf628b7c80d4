"""What databases that are never promoted share with each other: tables, column by column and row by row."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from topology_document.section import Section
from topology_document.values import Label, refused

_LONGEST: Final = 48
"""Of PostgreSQL's 63 characters; the rest is for the names of the index and the function beside a table."""


def _column(value: str) -> str:
    usable = value.isascii() and value.replace("_", "a").isalnum() and value == value.lower()
    if not usable or value[0].isdigit() or len(value) > _LONGEST:
        raise refused(
            f"a name in lower case of at most {_LONGEST} letters, digits and _", "write it as it is in the database"
        )
    return value


ColumnName = Annotated[
    str,
    AfterValidator(_column),
    WithJsonSchema({"type": "string", "pattern": "^[a-z_][a-z0-9_]{0,47}$", "description": "A name in a database."}),
]


class PublishedTable(Section):
    """One table, of which the named columns leave their region and no other one ever does."""

    key: list[ColumnName] = Field(
        min_length=1,
        description="The columns that tell a row from all others, in every region: none of them may be empty.",
        examples=[["home", "vehicle", "taken_at"]],
    )
    columns: list[ColumnName] = Field(
        min_length=1,
        description="What is published; a column that is added to the table later stays where it is.",
        examples=[["home", "vehicle", "taken_at", "speed_kmh"]],
    )
    personal: list[ColumnName] = Field(
        default_factory=list,
        description="What leads to a person and may be in no publication. Default: none.",
        examples=[["driver", "plate"]],
    )
    home: ColumnName | None = Field(
        None,
        description="The column that names the region in which a row was made: a region publishes its own rows only. "
        "Default: all rows.",
        examples=["home"],
    )
    where: dict[ColumnName, str | int | bool] = Field(
        default_factory=dict,
        description="Only rows with these values are published. Default: all rows.",
        examples=[{"shared": True}],
    )
    filled_from: ColumnName | None = Field(
        None,
        description="A table whose rows are copied into this one, column by column, as they are written: a hypertable, "
        "which cannot be published itself. Default: the application fills it.",
        examples=["readings"],
    )


class PublicationSection(Section):
    """Tables that databases publish to others by logical replication."""

    databases: list[Label] = Field(
        min_length=1,
        description="The databases that publish; each is of kind home-region.",
        examples=[["telemetry-ie", "telemetry-fr"]],
    )
    subscribers: list[Label] | None = Field(
        None,
        min_length=1,
        description="The databases that receive, each from every one that publishes. Default: the databases.",
        examples=[["telemetry-ie", "telemetry-fr"]],
    )
    tables: dict[ColumnName, PublishedTable] = Field(
        min_length=1,
        description="The tables of the schema public, by name.",
        examples=[{"readings": {"key": ["id"], "columns": ["id", "speed_kmh"]}}],
    )

    @property
    def receivers(self) -> list[str]:
        """Who receives: those that are named, or each that publishes."""
        return self.subscribers if self.subscribers is not None else self.databases
