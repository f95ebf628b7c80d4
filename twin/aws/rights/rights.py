"""What those who work under a role may do: every call of theirs is judged by its policies, as IAM would.

MiniStack can judge, everybody or nobody. Here it judges functions and sites, which have credentials of a role. The
person at the command line may do everything, and so may the roles of CDK's own bootstrapping, which another template
than Lifeboat's makes. What services do for each other (a rule that invokes, a machine that does) passes unjudged.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from ministack import app as ministack_app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import sts

from twin.aws.calls import key_of
from twin.aws.patches import Patches
from twin.aws.rights.judged import JUDGED
from twin.aws.rights.questions import can_be_judged, context_of_key, contexts_of, resource_of

LASTS_SECONDS: Final = 12 * 3600.0
BOOTSTRAP: Final = ":assumed-role/cdk-"
_CONTEXTS: Final[ContextVar[Sequence[Mapping[str, str]]]] = ContextVar("_CONTEXTS", default=({},))


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that a role may not make; ``who`` is the session of the role, without its account."""

    who: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.who} may not {self.action} on {self.resource}"


class _WhetherJudged:
    """In the place of ``ministack.app.AUTH``: true while a call of somebody under a role is answered."""

    def __bool__(self) -> bool:
        return JUDGED.get()


class Rights:
    """Credentials of roles, whose calls are judged, and what was refused; safe to use from several threads."""

    def __init__(self) -> None:
        self._credentials: dict[tuple[str, str], dict[str, str]] = {}
        self._refused: dict[Refused, None] = {}
        self._lock = threading.Lock()

    def install(self, patches: Patches) -> None:
        """Have MiniStack judge, by keys and resources as the services' own pages have them."""
        patches.replace(ministack_app, "AUTH", _WhetherJudged())
        # Policies refuse what is not encrypted on its way. Nothing on loopback is, and everything on AWS.
        origin = ministack_app.pin_request_origin
        patches.replace(ministack_app, "pin_request_origin", lambda address, _: origin(address, secure_transport=True))
        tags, resource, enforce = (
            iam_actions.request_tag_context,
            iam_actions.extract_resource_arn,
            iam_evaluator.enforce,
        )

        def with_context(service: str, action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
            _CONTEXTS.set(contexts_of(action, body))
            return {**tags(service, action, body, params)}

        def right_resource(*asked: Any) -> str:
            service, _method, path, _headers, _body, parameters, _region, account = asked
            return resource_of(service, path, parameters, account, resource(*asked))

        def told(key: str, action: str, service: str, region: str, **named: Any) -> Any:
            if not can_be_judged(action):
                return None
            known = named.pop("service_context", None) or {}
            known |= context_of_key(str(named.get("resource_arn", "*")))
            for more in _CONTEXTS.get():
                answer = enforce(key, action, service, region, service_context={**known, **more}, **named)
                if isinstance(answer, iam_evaluator.EvalResult):  # else it is the signature that is refused
                    self._note(key, action, str(named.get("resource_arn", "*")))
                if answer is not None:
                    return answer
            return None

        patches.replace(iam_actions, "request_tag_context", with_context)
        patches.replace(iam_actions, "extract_resource_arn", right_resource)
        patches.replace(iam_evaluator, "enforce", told)

    def credentials_of(self, role: str, session: str) -> dict[str, str]:
        """Return the environment variables with which a session of a role (its ARN) calls."""
        with self._lock:
            if (role, session) not in self._credentials:
                self._credentials[role, session] = _issued(role, session)
            return self._credentials[role, session]

    def judge(self, authorization: str) -> None:
        """Say whether the call that is answered in this context is judged, by its header of that name."""
        session = sts._sessions.get(key_of(authorization))
        JUDGED.set(session is not None and BOOTSTRAP not in session["Arn"])
        _CONTEXTS.set(({},))

    def refused(self) -> Sequence[Refused]:
        """Return what was refused so far, each once, in the order in which it first was."""
        with self._lock:
            return tuple(self._refused)

    def _note(self, key: str, action: str, resource: str) -> None:
        session = sts._sessions.get(key) or {}
        who = str(session.get("Arn", key)).rpartition(":assumed-role/")[2]
        with self._lock:
            self._refused[Refused(who, action, resource)] = None


def _issued(role: str, session: str) -> dict[str, str]:
    account, name = role.split(":")[4], role.rpartition("/")[2]
    key, secret, token = f"ASIA{uuid4().hex[:16].upper()}", uuid4().hex, uuid4().hex
    sts._sessions[key] = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "AccountId": account,
        "PrincipalType": "AssumedRole",
        "UserId": f"AROA{name[:16]}:{session}",
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": time.time() + LASTS_SECONDS,
    }
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
