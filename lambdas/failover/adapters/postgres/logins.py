"""Changing how somebody logs in while everybody goes on working."""

from typing import Final

from pg8000.native import identifier, literal

from failover.adapters.postgres.passwords import scram_verifier
from failover.adapters.postgres.session import Session
from failover.errors import GateRefusedError, RequestInvalidError

ROLES: Final = ("app_rw", "app_ro")

SHUT_OUT: Final = """
DO $$ BEGIN
    ALTER ROLE app_rw NOLOGIN;
    IF to_regrole('app_rw_2') IS NOT NULL THEN ALTER ROLE app_rw_2 NOLOGIN; END IF;
END $$
"""


def logins_of(role: str) -> tuple[str, str]:
    """Return the two logins that act as a role of the application; one is changed while the other one is in use."""
    return role, f"{role}_2"


def give_login(session: Session, owner: str, user: str, password: str) -> None:
    """Let a login of the owner's or of an application's role have this password; safe to repeat.

    The second login of a role is made when it is first wanted. Its sessions begin as the role itself, so that it owns
    nothing and the gate, the grants and a fence mean both. The password travels as its verifier.

    Raises:
        GateRefusedError: this is not the writer, or its gate is shut: what shuts it has NOLOGIN to say.
        RequestInvalidError: the login is none of these.
    """
    verifier = literal(scram_verifier(password))
    role = next((each for each in ROLES if user in logins_of(each)), None)
    if role is None and user != owner:
        known = ", ".join([owner, *(login for each in ROLES for login in logins_of(each))])
        raise RequestInvalidError(f"user: got {user!r}; one of: {known}")
    session.rows("BEGIN")
    _only_where_writes_pass(session)
    if role is not None and user != role:
        made = f"CREATE ROLE {identifier(user)} LOGIN IN ROLE {identifier(role)}"
        session.rows(f"DO $$ BEGIN IF to_regrole({literal(user)}) IS NULL THEN {made}; END IF; END $$")
        session.rows(f"ALTER ROLE {identifier(user)} SET role = {literal(role)}")
    session.rows(f"ALTER ROLE {identifier(user)} PASSWORD {verifier}")
    session.rows("COMMIT")


def _only_where_writes_pass(session: Session) -> None:
    """See that the gate is open, and keep whoever would shut it waiting until this is committed."""
    (gated,) = session.row("SELECT to_regclass('lifeboat.gate') IS NOT NULL")
    if not gated:
        (follows,) = session.row("SELECT pg_is_in_recovery()")
        if follows:
            raise GateRefusedError("this is a replica; passwords are changed where the database is written")
        return
    session.rows("SELECT epoch FROM lifeboat.gate FOR SHARE")
    (refusal,) = session.row("SELECT lifeboat.refusal()")
    if refusal is not None:
        raise GateRefusedError(f"no password is changed while the gate is shut: {refusal}")
