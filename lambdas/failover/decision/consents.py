"""For how long a person's consent to a loss is one."""

from datetime import datetime

from failover.records import Consent

CONSENT_SECONDS = 3600
"""How long a failover waits for a consent, and how long a consent that none has used up counts."""


def still_counts(consent: Consent, now: datetime) -> bool:
    """Whether the consent is for the loss of this hour and not, left behind by an incident, for another day's."""
    return abs((now - consent.at).total_seconds()) <= CONSENT_SECONDS
