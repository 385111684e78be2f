"""IAM documents as plain data; each stands beside the thing that it serves.

The actions, their resource types and condition keys are those of AWS's service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Mapping, Sequence
from typing import Any

PolicyDocument = dict[str, Any]
Statement = dict[str, Any]
Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def document(*statements: Statement) -> PolicyDocument:
    """Return a policy of *statements*."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    condition: Condition | None = None,
) -> Statement:
    """Return a statement that allows *actions* on *resources*, where *condition* holds."""
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return {**statement, "Condition": condition} if condition else statement
