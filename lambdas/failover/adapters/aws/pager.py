"""Paging through the SNS topic of the control region."""

from failover.adapters.aws.clients import client, code_of
from failover.errors import PageNotSentError

SUBJECT_CHARACTERS = 100
"""SNS: a subject is ASCII, without control characters, shorter than 100."""


class AwsPager:
    """``ports.Pager``."""

    def __init__(self, topic_arn: str, region: str) -> None:
        self._topic_arn, self._region = topic_arn, region

    def page(self, subject: str, text: str) -> None:
        printable = "".join(each if each.isprintable() else " " for each in subject)
        plain = printable.encode("ascii", "replace").decode("ascii")[: SUBJECT_CHARACTERS - 1]
        try:
            client("sns", self._region).publish(TopicArn=self._topic_arn, Subject=plain, Message=text)
        except Exception as exc:
            raise PageNotSentError(f"{self._topic_arn} did not take a page: {code_of(exc)}") from exc
