"""Run Command of Systems Manager, bound to the hosts of self-managed PostgreSQL servers."""

from twin.aws.ssm.hosts import Host, Hosts

__all__ = ["Host", "Hosts"]
