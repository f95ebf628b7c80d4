"""What every part of the document is: a mapping of known keys."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping of known keys; any other key is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
