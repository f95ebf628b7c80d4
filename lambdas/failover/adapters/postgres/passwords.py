"""SCRAM verifiers: what a server keeps of a password, so that the password itself never travels or is logged."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096
"""PostgreSQL's own default (``scram_iterations``)."""


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Return what ``ALTER ROLE … PASSWORD`` takes in place of the password (RFC 5803, SCRAM-SHA-256).

    Raises:
        ValueError: the password is empty or not printable ASCII, where SASLprep would change it.
    """
    if not password or not password.isascii() or not password.isprintable():
        raise ValueError("a role's password must be printable ASCII and not empty; choose another one")
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = hashlib.sha256(client).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
