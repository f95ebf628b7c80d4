"""What the service of one region is told when it starts, as JSON in an environment variable."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Self

VARIABLE: Final = "LIFEBOAT_TWIN_SERVICE"
"""Not an argument: arguments show in the list of processes, and there are passwords among these."""


class SettingsError(Exception):
    """The service cannot start with these settings."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The service of ``region``, at ``address`` and ``port`` with PEM files ``certificate`` and ``key``.

    ``endpoints`` maps each region with a copy of the database to the DNS name of its endpoint, with ``:port`` where
    that is not PostgreSQL's; the copy of ``region`` itself must be among them. ``app_rw_password`` and
    ``app_ro_password`` are the application's.
    ``workers`` are the names of the schedulers that run beside it. A database that never moves is not ``gated``.
    """

    region: str
    address: str
    port: int
    certificate: str
    key: str
    endpoints: Mapping[str, str]
    database: str
    app_rw_password: str = field(repr=False)
    app_ro_password: str = field(repr=False)
    workers: Sequence[str] = ()
    gated: bool = True

    def as_json(self) -> str:
        """Return the form that ``parse`` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the settings of a JSON object.

        Raises:
            SettingsError: a field is missing or unknown, or the region has no copy of its own.
        """
        try:
            settings = cls(**json.loads(text))
        except (ValueError, TypeError) as exc:
            raise SettingsError(
                f"{VARIABLE}: {exc}; it must be a JSON object of {', '.join(cls.__dataclass_fields__)}"
            ) from exc
        if settings.region not in settings.endpoints:
            raise SettingsError(
                f"{VARIABLE}: endpoints: {settings.region} is not among {', '.join(settings.endpoints) or 'none'}; "
                "the service reads from the copy of its own region, so name that copy's endpoint too"
            )
        return settings
