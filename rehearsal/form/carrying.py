"""What may be expected of the load: the word ``carried`` of ``expect``."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from rehearsal.form.durations import Duration
from rehearsal.form.entries import Entry, one_or_several, several, wrong


class CarriedLoad(Entry):
    """Of the writes that were due in the time of the step, in each client group ``of`` these, or in each there is.

    ``share`` of them were acknowledged at least. The 95th percentile of their latencies, from when each was due, was
    ``p95`` at most, and so ``longest`` the longest.
    """

    share: float | None = Field(default=None, gt=0, le=1)
    p95: Duration | None = None
    longest: Duration | None = None
    of: Annotated[tuple[str, ...], BeforeValidator(several), WithJsonSchema(one_or_several({"type": "string"}))] = ()

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if self.share is None and self.p95 is None and self.longest is None:
            raise wrong(
                "says not how much", "share, p95, longest", "write at least one, as in {share: 0.99, p95: 500ms}"
            )
        return self

    def told(self) -> str:
        """Return it as one line for people."""
        said = [] if self.share is None else [f"share {self.share:g}"]
        said += [] if self.p95 is None else [f"p95 {self.p95:g} s"]
        said += [] if self.longest is None else [f"longest {self.longest:g} s"]
        return " ".join(said) + (f" of {' and '.join(self.of)}" if self.of else "")
