"""Where AWS's regions are, for latency, geolocation and geoproximity.

Countries and cities are those of AWS's list of regions; coordinates are of the city or the state's middle.
Latency is an ASSUMPTION: light in glass (200 km a millisecond) over the great circle, there and back, times
1.4 for detours. Against public measurements between regions: us-east-1 to eu-west-1 77 ms (measured 80),
us-east-1 to ap-southeast-1 218 ms (217), eu-west-1 to eu-central-1 15 ms (20). It orders regions; it is no figure.
"""

import math
from dataclasses import dataclass
from typing import Final

KILOMETRES_PER_MILLISECOND: Final = 200.0
DETOUR: Final = 1.4
EARTH_RADIUS_KM: Final = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """A region's continent and country (Route 53's codes), US state, and coordinates in degrees."""

    continent: str
    country: str
    latitude: float
    longitude: float
    subdivision: str | None = None


PLACES: Final = {
    "us-east-1": Place("NA", "US", 38.9, -77.4, "VA"),
    "us-east-2": Place("NA", "US", 40.0, -83.0, "OH"),
    "us-west-1": Place("NA", "US", 37.4, -121.9, "CA"),
    "us-west-2": Place("NA", "US", 45.8, -119.7, "OR"),
    "ca-central-1": Place("NA", "CA", 45.5, -73.6),
    "ca-west-1": Place("NA", "CA", 51.0, -114.1),
    "mx-central-1": Place("NA", "MX", 20.6, -100.4),
    "sa-east-1": Place("SA", "BR", -23.5, -46.6),
    "eu-west-1": Place("EU", "IE", 53.3, -6.3),
    "eu-west-2": Place("EU", "GB", 51.5, -0.1),
    "eu-west-3": Place("EU", "FR", 48.9, 2.4),
    "eu-central-1": Place("EU", "DE", 50.1, 8.7),
    "eu-central-2": Place("EU", "CH", 47.4, 8.5),
    "eu-north-1": Place("EU", "SE", 59.3, 18.1),
    "eu-south-1": Place("EU", "IT", 45.5, 9.2),
    "eu-south-2": Place("EU", "ES", 41.6, -0.9),
    "il-central-1": Place("AS", "IL", 32.1, 34.8),
    "me-south-1": Place("AS", "BH", 26.1, 50.6),
    "me-central-1": Place("AS", "AE", 24.5, 54.4),
    "af-south-1": Place("AF", "ZA", -33.9, 18.4),
    "ap-south-1": Place("AS", "IN", 19.1, 72.9),
    "ap-south-2": Place("AS", "IN", 17.4, 78.5),
    "ap-east-1": Place("AS", "HK", 22.3, 114.2),
    "ap-east-2": Place("AS", "TW", 25.0, 121.6),
    "ap-northeast-1": Place("AS", "JP", 35.7, 139.7),
    "ap-northeast-2": Place("AS", "KR", 37.6, 127.0),
    "ap-northeast-3": Place("AS", "JP", 34.7, 135.5),
    "ap-southeast-1": Place("AS", "SG", 1.3, 103.8),
    "ap-southeast-2": Place("OC", "AU", -33.9, 151.2),
    "ap-southeast-3": Place("AS", "ID", -6.2, 106.8),
    "ap-southeast-4": Place("OC", "AU", -37.8, 145.0),
    "ap-southeast-5": Place("AS", "MY", 3.1, 101.7),
    "ap-southeast-6": Place("OC", "NZ", -36.8, 174.8),
    "ap-southeast-7": Place("AS", "TH", 13.8, 100.5),
}


def place(region: str) -> Place:
    """Return where a region is; ``KeyError`` names the table to add it to."""
    if region not in PLACES:
        raise KeyError(f"{region}: no place known for this region; add it to PLACES in twin/dns/places.py")
    return PLACES[region]


def distance_km(here: str, there: str) -> float:
    """Return the great-circle distance between two regions."""
    a, b = place(here), place(there)
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    across = math.radians(b.longitude - a.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def latency_ms(here: str, there: str) -> float:
    """Return the assumed round-trip time between two regions."""
    return 2 * distance_km(here, there) / KILOMETRES_PER_MILLISECOND * DETOUR
