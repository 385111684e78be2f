"""IAM in front of moto, which itself lets everyone do everything.

A call that a pipeline's session signs is passed on only where the policies, as moto stores them,
permit it; ``AssumeRoleWithWebIdentity`` only where the role's trust policy takes the token. Every
decision is kept for the report. What the gate cannot judge it refuses, and says so.
"""

import base64
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

from botocore.exceptions import ClientError

from keyless_ecs.rehearsal.aws import requests
from keyless_ecs.rehearsal.aws.clients import Clients
from keyless_ecs.rehearsal.aws.requests import Ask, Call
from keyless_ecs.trust import claims, evaluator

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
ACCOUNT = 4
"""The part of an ARN that is the account."""
_NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True)
class Decision:
    """What a role asked for, and whether it may."""

    role: str
    ask: Ask
    allowed: bool


class RefusedError(Exception):
    """AWS would not do it: its code for that, and why."""


class Gate:
    """A WSGI application that stands before moto.

    Exposes the *decisions* taken, in their order.

    Args:
        moto: What answers the requests that are let through.
        clients: Clients of the server that the gate stands in; with them it looks policies up.
    """

    def __init__(self, moto: Application, clients: Clients) -> None:
        self._clients = clients
        self.decisions: list[Decision] = []
        self._moto = moto
        self._roles: dict[str, str] = {}
        """The role behind each access key that was handed out for a token."""
        self._answers: dict[tuple[str, ...], Any] = {}
        """What IAM has answered since somebody last changed something there."""
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            call = _read(environ)
            role = self._roles.get(call.access_key)
            if call.operation == "AssumeRoleWithWebIdentity":
                self._distrust(call)
                body = b"".join(self._moto(environ, start_response))
                self._remember(body, call.parameters["RoleArn"])
                return [body]
            if role:
                self._forbid(role, call)
                self._redirect(role, call, environ)
        except RefusedError as refusal:
            return _refuse(environ, refusal, start_response)
        except (LookupError, TypeError, ValueError) as error:
            unknown = RefusedError("CannotJudge", f"the rehearsal cannot judge this: {error!r}")
            return _refuse(environ, unknown, start_response)
        answer = self._moto(environ, start_response)
        if call.service == "iam" and not call.operation.startswith(("Get", "List")):
            self._answers.clear()
        return answer

    def ask(self, access_key: str, ask: Ask) -> bool:
        """Say whether the bearer of *access_key* may do what moto itself cannot do."""
        return self._decide(self.role(access_key), ask)

    def role(self, access_key: str) -> str:
        """Return the ARN of the role for which *access_key* was handed out."""
        return self._roles[access_key]

    def _distrust(self, call: Call) -> None:
        """Refuse a token that STS would refuse.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
        """
        arn, said = call.parameters["RoleArn"], _claims(call.parameters["WebIdentityToken"])
        issuer = said["iss"].removeprefix("https://")
        account = arn.split(":")[ACCOUNT]
        provider = f"arn:{arn.split(':')[1]}:iam::{account}:oidc-provider/{issuer}"
        try:
            audiences = self._iam(
                arn, "get_open_id_connect_provider", OpenIDConnectProviderArn=provider
            )
        except ClientError:
            raise RefusedError(
                "InvalidIdentityToken",
                f"No OpenIDConnect provider found in your account for {said['iss']}",
            ) from None
        if said["aud"] not in audiences["ClientIDList"]:
            raise RefusedError("InvalidIdentityToken", f"Incorrect token audience {said['aud']}")
        try:
            role = self._iam(arn, "get_role", RoleName=_name(arn))["Role"]
        except ClientError:
            role = {"Arn": None}
        if role["Arn"] != arn:
            raise RefusedError("AccessDenied", f"{_NOT_AUTHORIZED}: there is no role {arn}")
        if not evaluator.assumes_with_web_identity(
            role["AssumeRolePolicyDocument"],
            provider_arn=provider,
            issuer=issuer,
            claims=claims.condition_keys(issuer, said),
        ):
            raise RefusedError(
                "AccessDenied",
                f"{_NOT_AUTHORIZED}: the trust policy of {arn} does not take {said.get('sub')} "
                f"from {said.get('ref')}",
            )
        if int(call.parameters.get("DurationSeconds", 3600)) > role["MaxSessionDuration"]:
            raise RefusedError(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )

    def _remember(self, body: bytes, role: str) -> None:
        key = ElementTree.fromstring(body).find(".//{*}AccessKeyId")  # noqa: S314 - moto's answer
        if key is not None and key.text:
            self._roles[key.text] = role

    def _forbid(self, role: str, call: Call) -> None:
        """Refuse a call that IAM would refuse."""
        asks = requests.asks(call, account=role.split(":")[ACCOUNT])
        if asks is None:
            raise ValueError(f"what {call.service}:{call.operation} needs is not known here")
        for ask in asks:
            if not self._decide(role, ask):
                raise RefusedError(
                    "AccessDenied",
                    f"{role} is not authorized to perform: {ask.action} on resource: "
                    f"{ask.resource}",
                )

    def _redirect(self, role: str, call: Call, environ: Environ) -> None:
        """Let moto answer for another account's registry, which it does only to that account."""
        owner = call.parameters.get("registryId")
        if call.service == "ecr" and owner and owner != role.split(":")[ACCOUNT]:
            theirs = self._clients.administrator(owner, call.region).access_key_id
            signed = environ["HTTP_AUTHORIZATION"]
            environ["HTTP_AUTHORIZATION"] = signed.replace(call.access_key, theirs)

    def _decide(self, role: str, ask: Ask) -> bool:
        ask = replace(ask, context={**ask.context, "aws:PrincipalArn": role})
        allowed = evaluator.permits(
            {"Statement": [s for policy in self._policies(role) for s in _statements(policy)]},
            action=ask.action,
            resource=ask.resource,
            context=ask.context,
        ) and self._lets_in(role, ask)
        with self._lock:
            self.decisions.append(Decision(role, ask, allowed))
        return allowed

    def _policies(self, role: str) -> list[Mapping[str, Any]]:
        """Return the role's own policies and the attached ones."""
        name = _name(role)
        own = self._iam(role, "list_role_policies", RoleName=name)["PolicyNames"]
        policies = [
            self._iam(role, "get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in own
        ]
        attached = self._iam(role, "list_attached_role_policies", RoleName=name)
        for policy in attached["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            version = self._iam(role, "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = self._iam(role, "get_policy_version", PolicyArn=arn, VersionId=version)
            policies.append(found["PolicyVersion"]["Document"])
        return policies

    def _lets_in(self, role: str, ask: Ask) -> bool:
        """Say whether a repository of another account lets the role in; one's own need not."""
        parts = ask.resource.split(":")
        if not ask.action.startswith("ecr:") or ask.resource == "*":
            return True
        region, account = parts[3], parts[ACCOUNT]
        own = account == role.split(":")[ACCOUNT]
        try:
            found = self._clients.client("ecr", account, region).get_repository_policy(
                repositoryName=parts[-1].removeprefix("repository/")
            )
        except ClientError:
            return own
        policy = json.loads(found["policyText"])
        if own:
            if any(statement["Effect"] != "Allow" for statement in _statements(policy)):
                raise ValueError(
                    f"the policy of {ask.resource} denies something to its own account"
                )
            return True
        return evaluator.grants(
            policy, action=ask.action, principal=("AWS", role), context=ask.context
        )

    def _iam(self, role: str, operation: str, **given: str) -> Any:
        """Return what IAM answers in the account of *role*."""
        _, partition, _, _, account, _ = role.split(":", 5)
        key = (partition, account, operation, *given.values())
        if key not in self._answers:
            regions = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
            iam = self._clients.client("iam", account, regions.get(partition, "us-east-1"))
            self._answers[key] = getattr(iam, operation)(**given)
        return self._answers[key]


def _read(environ: Environ) -> Call:
    """Return the call in a request, whose body is put back for moto."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    query = environ.get("QUERY_STRING", "")
    signed = re.search(
        r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/",
        environ.get("HTTP_AUTHORIZATION") or urllib.parse.unquote(query),
    )
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation = target.rpartition(".")[2]
        parameters = json.loads(body or b"{}")
        if not isinstance(parameters, dict):
            raise TypeError("the body is no object")
    else:
        form = urllib.parse.parse_qs(f"{query}&{body.decode(errors='replace')}")
        parameters = {key: values[0] for key, values in form.items()}
        operation = parameters.get("Action", environ["REQUEST_METHOD"])
    return Call(
        service=signed["service"] if signed else "sts",
        operation=operation,
        parameters=parameters,
        region=signed["region"] if signed else "us-east-1",
        access_key=signed["key"] if signed else "",
    )


def _claims(token: str) -> dict[str, str]:
    """Return what a token says, if it says from whom and for whom it is."""
    try:
        _, said, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        if not all(isinstance(found[claim], str) for claim in ("aud", "iss")):
            raise TypeError
    except (LookupError, TypeError, ValueError):
        raise RefusedError(
            "InvalidIdentityToken", "The ID Token provided is not a valid JWT with aud and iss"
        ) from None
    return dict(found)


def _refuse(environ: Environ, refusal: RefusedError, start_response: StartResponse) -> list[bytes]:
    """Answer as AWS does where IAM says no: in JSON, or in XML for the older protocol."""
    code, message = refusal.args
    if environ.get("HTTP_X_AMZ_TARGET"):
        start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
        return [json.dumps({"__type": f"{code}Exception", "message": message}).encode()]
    start_response("403 Forbidden", [("Content-Type", "text/xml")])
    answer = ElementTree.Element("ErrorResponse")
    error = ElementTree.SubElement(answer, "Error")
    ElementTree.SubElement(error, "Type").text = "Sender"
    ElementTree.SubElement(error, "Code").text = code
    ElementTree.SubElement(error, "Message").text = message
    return [ElementTree.tostring(answer)]


def _statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the statements of a policy; one alone needs no list."""
    statements = policy["Statement"]
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _name(role: str) -> str:
    return role.rpartition("/")[2]
