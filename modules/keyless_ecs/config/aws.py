"""Names and numbers as AWS defines them."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from keyless_ecs.config.regions import REGIONS, known_region
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.text import Text, matching, quote_it


def _no_arn(value: str) -> str:
    """Refuse the ARN of what is named here: the account and the region say the rest of it."""
    if not value.startswith("arn:"):
        return value
    resource = value.split(":", 5)[-1]
    name = re.sub(r"^(role|cluster|service(/[^/]+)?(?=/)|log-group)[/:]|:\*$", "", resource)
    raise ValueError(f"{shown(value)} is an ARN; use the name alone: {as_name(name)}")


AccountId = Annotated[
    str,
    BeforeValidator(quote_it("the account id", 12)),
    matching(r"\d{12}", 'is not an account id; use its 12 digits, in quotes: "123456789012"'),
]
Region = Annotated[
    str, AfterValidator(known_region), Field(json_schema_extra={"enum": sorted(REGIONS)})
]
RoleName = Annotated[
    str,
    AfterValidator(_no_arn),
    matching(
        r"[\w+=,.@-]{1,64}",
        "is not an IAM role name; use 1 to 64 letters, digits and any of + = , . @ _ -",
    ),
]
ExistingRole = Annotated[
    str,
    matching(
        r"([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}",
        "is not an existing role; use its name, with its IAM path before it where it has one: "
        "service-role/ecsTaskExecutionRole",
    ),
]
EcsName = Annotated[
    str,
    AfterValidator(_no_arn),
    matching(
        r"[A-Za-z0-9_-]{1,255}",
        "is not a name that ECS takes; use 1 to 255 letters, digits, hyphens and underscores",
    ),
]
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
LogGroupName = Annotated[
    str,
    AfterValidator(_no_arn),
    matching(
        r"(?!aws/)[A-Za-z0-9_./#-]{1,512}",
        "is not a log group's name; use 1 to 512 letters, digits and any of _ - / . #, "
        "and not aws/ first",
    ),
]
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
RolePath = Annotated[
    str,
    matching(
        # That path is for what AWS makes itself: 99designs/iamy#49.
        r"(?!/aws-service-role/)/([\w.,+@=-]+/)*",
        'is not an IAM path of yours; begin and end with a slash: "/" or "/delivery/"',
    ),
]
RoleArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}",
        "is not a role's ARN; use arn:aws:iam::<account id>:role/<name>",
    ),
]
ExternalId = Annotated[
    Text,
    matching(
        r"[\w+=,.@:/-]{2,1224}",
        "is not an external id; use 2 to 1,224 letters, digits and any of + = , . @ : / _ -",
    ),
]
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
PolicyArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]{1,512}",
        "is not a policy's ARN; use arn:aws:iam::<account id or aws>:policy/<name>",
    ),
]
KMS_KEY = (
    r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
)
KmsKeyArn = Annotated[
    str,
    matching(
        KMS_KEY,
        "is not a KMS key's ARN; use arn:aws:kms:<region>:<account id>:key/<key id>",
    ),
]
SecretArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:(ssm:[a-z0-9-]+:\d{12}:parameter/[\w./-]+"
        r"|secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6}(:[\w.-]*){0,3})",
        "names no secret; use the ARN of an SSM parameter, or of a Secrets Manager secret "
        "with the six characters that AWS put behind its name",
        secret=True,
    ),
]


def _tag_letters(value: str) -> str:
    for letter in value:
        if unicodedata.category(letter)[0] not in "LNZ" and letter not in "_.:/=+-@":
            raise ValueError(
                f"{shown(value)} holds {shown(letter)}, which IAM takes in no tag; "
                "use letters, digits, spaces and any of _ . : / = + - @"
            )
    return value


PIPELINE_TAGS = "keyless-ecs:"
"""What the keys begin with in which the pipeline keeps what it deployed last."""


def _not_of_the_pipeline(value: str) -> str:
    if value.casefold().startswith(PIPELINE_TAGS):
        raise ValueError(
            f"{shown(value)} begins with {PIPELINE_TAGS}, where the pipeline keeps what it "
            "deployed; choose another key"
        )
    return value


TagKey = Annotated[
    Text,
    matching(
        r"(?![Aa][Ww][Ss]:)[^\n]{1,128}",
        "is not the key of a tag; use 1 to 128 characters that do not begin with aws:",
    ),
    AfterValidator(_tag_letters),
    AfterValidator(_not_of_the_pipeline),
]
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html"""
TagValue = Annotated[
    Text,
    matching(r"[^\n]{0,256}", "is not a tag; use at most 256 characters"),
    AfterValidator(_tag_letters),
]
SubnetId = Annotated[
    str, matching(r"subnet-[0-9a-f]{8,17}", "is not a subnet id; use subnet-<8 to 17 hex digits>")
]
SecurityGroupId = Annotated[
    str,
    matching(r"sg-[0-9a-f]{8,17}", "is not a security group id; use sg-<8 to 17 hex digits>"),
]
