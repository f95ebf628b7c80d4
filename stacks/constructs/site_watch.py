"""Who is told that a site's guard is silent, or writes without the quorum store."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct

from failover.topology import Names, watched_from
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.lease_refused_alarm import LeaseRefusedAlarm
from stacks.constructs.promising import FailsafeAlarms
from stacks.constructs.signals import guard_heartbeat
from topology_document.infrastructure.sites import SitesSection


class SiteWatch(Construct):
    """Alarms on the guards of those sites that are heard in this control region."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, sites: Sequence[str], settings: SitesSection
    ) -> None:
        super().__init__(scope, id)
        heard = [site for site in sites if watched_from(names.topology, site) == region]
        if not heard:
            return
        told = AlarmTopic(self, "Alarms")
        for site in heard:
            about = Construct(self, site)
            HeartbeatAlarm(
                about,
                "GuardSilent",
                name=f"{cdk.Stack.of(self).stack_name}-{site}-guard-silent",
                description=f"No guard is heard at {site}: if it writes, its leases run out. docs/sites.md",
                heartbeat=guard_heartbeat(names, region=site),
                told=told,
                periods=settings.guard_silent_minutes,
            )
            FailsafeAlarms(about, "Failsafe", names=names, region=site, told=told)
            LeaseRefusedAlarm(about, "LeaseRefused", names=names, region=site, told=told)
