"""IAM: what the roles of functions and of sites may do is judged at every call."""

from twin.aws.rights.rights import Refused, Rights

__all__ = ["Refused", "Rights"]
