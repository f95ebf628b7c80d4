"""Where users are, as laws and Route 53 name it: countries, the European Union, continents."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from topology_document.findings import did_you_mean, listed
from topology_document.values import refused

EUROPEAN_UNION: Final = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
"""Its 27 members by their codes of ISO 3166-1 (european-union.europa.eu, "EU countries")."""

CONTINENTS: Final = {
    "africa": "AF",
    "antarctica": "AN",
    "asia": "AS",
    "europe": "EU",
    "north-america": "NA",
    "oceania": "OC",
    "south-america": "SA",
}
"""Route 53's codes. Written as words here: its ``EU`` is the continent, and a law's ``EU`` is the Union; its ``SA``
is a continent and ISO's a country."""

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_NO_COUNTRY: Final = {"UK": "GB", "EL": "GR", "AN": "antarctica", "OC": "oceania"}


def _place(value: str) -> str:
    if value in _NO_COUNTRY:
        raise refused("a country's code of ISO 3166-1", f'write "{_NO_COUNTRY[value]}"')
    if value in CONTINENTS or _COUNTRY.fullmatch(value):
        return value
    fix = did_you_mean(value, CONTINENTS, 'write it such as US, "NO" or EU')
    raise refused(f"a country's code of two capitals, EU for the European Union, or {listed(CONTINENTS)}", fix)


Place = Annotated[
    str,
    AfterValidator(_place),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(?:[A-Z]{{2}}|{'|'.join(CONTINENTS)})$",
            "description": "A country (ISO 3166-1), EU for the European Union, or a continent.",
            "examples": ["US"],
        }
    ),
]


def countries(place: str) -> tuple[str, ...]:
    """Return the countries of a place; none for a continent, whose countries Route 53 knows."""
    if place in CONTINENTS:
        return ()
    return EUROPEAN_UNION if place == "EU" else (place,)
