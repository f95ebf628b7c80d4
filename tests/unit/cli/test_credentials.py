"""Who has not signed in, or may not do what he asks for, is told so, by every command that asks AWS."""

import sys
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cli.main import run
from cli.mistakes import FAILED, told
from failover.adapters.aws import clients
from failover.errors import StoreUnreachableError

Lifeboat = Callable[..., tuple[int, str]]
ASKING = [
    ("status",),
    ("journal",),
    ("report",),
    ("init",),
    ("pause", "--reason", "x"),
    ("resume",),
    ("consent", "orders", "--reason", "x"),
    ("approve", "--reason", "x"),
    ("failover", "us-east-1", "--reason", "x", "--yes"),
    ("gate", "install"),
]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[None]:
    """A machine on which nobody has signed in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    clients.client.cache_clear()
    yield
    clients.client.cache_clear()


@pytest.fixture
def lifeboat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lifeboat:
    def said(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lifeboat", *words])
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), capsys.readouterr().err

    return said


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_who_has_not_signed_in_is_told_how(lifeboat: Lifeboat, words: tuple[str, ...]) -> None:
    code, text = lifeboat(*words)
    assert (code, text.splitlines()[-1]) == (1, "no AWS credentials: sign in (`aws sso login`), or set AWS_PROFILE")


def test_a_profile_that_is_none_is_told(lifeboat: Lifeboat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    code, text = lifeboat("status")
    assert (code, "there is no such AWS profile" in text.splitlines()[-1]) == (1, True)


@pytest.mark.parametrize(
    ("exc", "sentence"),
    [
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "Query"), "have expired: sign in"),
        (StoreUnreachableError("no replica answered (eu-west-1: ExpiredTokenException)"), "have expired: sign in"),
        (StoreUnreachableError("no replica answered (eu-west-1: AccessDeniedException)"), "may not do that"),
        (ClientError({"Error": {"Code": "UnrecognizedClientException"}}, "Query"), "does not know these credentials"),
        (EndpointConnectionError(endpoint_url="https://here"), "AWS: Could not connect to the endpoint URL"),
        (PermissionError(13, "Permission denied", "/etc/it"), "/etc/it: Permission denied"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_can_be_done_about_it_is_said(exc: Exception, sentence: str) -> None:
    text, code = told(exc)
    assert code == FAILED
    assert sentence in text.splitlines()[-1]
