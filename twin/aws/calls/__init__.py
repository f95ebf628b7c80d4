"""The API calls of the twin: what each is, and how many there were."""

from twin.aws.calls.call import OPERATOR, Call, Request, call_of, key_of
from twin.aws.calls.counter import CallCounter

__all__ = ["OPERATOR", "Call", "CallCounter", "Request", "call_of", "key_of"]
