"""Import blocks for what was made by hand, and the import id of everything in a stack.

Both are read from the stack's synthesized JSON, so that neither can differ from what Terraform
plans. CDKTF's own ``import_from`` would need each construct to know its resource's id.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keyless_ecs.config.adopt import VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.regions import partition_of

Content = dict[str, Any]

_WIDTH = 74
"""Of the column of addresses; the few that are longer push their id along."""
_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")


@dataclass(frozen=True)
class Unknown:
    """Why a resource's import id cannot be known before the plan."""

    why: str


@dataclass(frozen=True)
class Importable:
    """A resource of a stack: its address, its import id, and whether the stack imports it."""

    address: str
    id: str | Unknown
    imported: bool


_AWS_CHOOSES = Unknown("AWS chose its id")
_GITHUB_CHOOSES = Unknown("GitHub chose its id")
_NO_IMPORT = Unknown("its type cannot be imported; it is written again")
_NOTHING_THERE = Unknown("nothing stands behind it: it waits")
_NO_SECRET = Unknown("GitHub gives no secret back; its value is written again")
_NEW_REVISION = Unknown("a new revision; older ones stay registered")

_IDS: dict[str, Callable[[Content, Content], str | Unknown]] = {
    "aws_acm_certificate": lambda *_: _AWS_CHOOSES,
    "aws_acm_certificate_validation": lambda *_: _NOTHING_THERE,
    "aws_appautoscaling_policy": lambda it, all_: f"{_scaled(it, all_)}/{it['name']}",
    "aws_appautoscaling_scheduled_action": lambda *_: _NO_IMPORT,
    "aws_appautoscaling_target": lambda it, all_: _scaled(it, all_),
    "aws_cloudwatch_log_group": lambda it, _: it["name"],
    "aws_ecr_lifecycle_policy": lambda it, all_: _value(it["repository"], all_),
    "aws_ecr_repository": lambda it, _: it["name"],
    "aws_ecr_repository_policy": lambda it, all_: _value(it["repository"], all_),
    "aws_ecs_cluster": lambda it, _: it["name"],
    "aws_ecs_cluster_capacity_providers": lambda it, all_: _value(it["cluster_name"], all_),
    "aws_ecs_service": lambda it, all_: f"{_cluster(it['cluster'], all_)}/{it['name']}",
    "aws_ecs_task_definition": lambda *_: _NEW_REVISION,
    "aws_iam_openid_connect_provider": lambda it, all_: _oidc_provider(it["url"], all_),
    "aws_iam_role": lambda it, _: it["name"],
    "aws_iam_role_policies_exclusive": lambda it, all_: _value(it["role_name"], all_),
    "aws_iam_role_policy": lambda it, all_: f"{_value(it['role'], all_)}:{it['name']}",
    "aws_iam_role_policy_attachment": lambda it, all_: (
        f"{_value(it['role'], all_)}/{it['policy_arn']}"
    ),
    "aws_iam_role_policy_attachments_exclusive": lambda it, all_: _value(it["role_name"], all_),
    "aws_lb": lambda *_: _AWS_CHOOSES,
    "aws_lb_listener": lambda *_: _AWS_CHOOSES,
    "aws_lb_listener_certificate": lambda *_: _AWS_CHOOSES,
    "aws_lb_listener_rule": lambda *_: _AWS_CHOOSES,
    "aws_lb_target_group": lambda *_: _AWS_CHOOSES,
    "aws_route53_record": lambda it, _: _record(it),
    "aws_security_group": lambda *_: _AWS_CHOOSES,
    "aws_vpc_security_group_egress_rule": lambda *_: _AWS_CHOOSES,
    "aws_vpc_security_group_ingress_rule": lambda *_: _AWS_CHOOSES,
    "github_actions_environment_secret": lambda *_: _NO_SECRET,
    "github_actions_environment_variable": lambda it, all_: _in_github(
        it["repository"], _value(it["environment"], all_), it["variable_name"]
    ),
    "github_actions_secret": lambda *_: _NO_SECRET,
    "github_actions_variable": lambda it, _: _in_github(it["repository"], it["variable_name"]),
    "github_repository_environment": lambda it, _: _in_github(it["repository"], it["environment"]),
    "github_repository_environment_deployment_policy": lambda *_: _GITHUB_CHOOSES,
    "github_repository_ruleset": lambda *_: _GITHUB_CHOOSES,
}
"""The import id by type of resource, as the section "Import" of the resource's page has it.

``hashicorp/aws``: website/docs/r/<type without aws_>.html.markdown of
https://github.com/hashicorp/terraform-provider-aws, ``integrations/github``: the same of
https://github.com/integrations/terraform-provider-github, both at the versions of the bindings.
"""


def with_imports(content: Content, delivery: Delivery) -> Content:
    """Return the JSON of the delivery's stack with import blocks for what it adopts.

    While it is adopted, Terraform refuses a plan that would destroy or replace it. An import block
    of what the state already holds does nothing.
    https://developer.hashicorp.com/terraform/language/import
    """
    addresses = sorted(_address(thing, delivery) for thing in delivery.adopted)
    if not addresses:
        return content
    resources = {name: dict(named) for name, named in content["resource"].items()}
    for address in addresses:
        type_, name = address.split(".")
        made = resources[type_][name]
        lifecycle = {**made.get("lifecycle", {}), "prevent_destroy": True}
        resources[type_][name] = {**made, "lifecycle": lifecycle}
    blocks = [{"to": address, "id": _id(address, content)} for address in addresses]
    return {**content, "resource": resources, "import": blocks}


def resources(content: Content) -> Iterator[Importable]:
    """Yield every resource of a stack, by address."""
    imported = {block["to"]: block["id"] for block in content.get("import", ())}
    for type_, named in sorted(content.get("resource", {}).items()):
        for name in sorted(named):
            address = f"{type_}.{name}"
            id_ = imported.get(address) or _id(address, content)
            yield Importable(address, id_, address in imported)


def table(stacks: Iterable[tuple[str, str]]) -> str:
    """Return a line for each resource of *stacks*: first plan, address and import id.

    Args:
        stacks: Each stack's name and its JSON.
    """
    blocks = []
    for name, text in stacks:
        rows = sorted(resources(json.loads(text)), key=lambda made: not made.imported)
        lines = [_line("plan", "address", "import id")] if rows else ["  nothing of its own"]
        for made in rows:
            shown = f"-  {made.id.why}" if isinstance(made.id, Unknown) else made.id
            lines.append(_line("import" if made.imported else "create", made.address, shown))
        blocks.append("\n".join([name, *lines]))
    return "\n\n".join(blocks) + "\n"


def _line(plan: str, address: str, id_: str) -> str:
    return f"  {plan:6}  {address:{_WIDTH}}  {id_}"


def _address(thing: str, delivery: Delivery) -> str:
    if not thing.startswith(VARIABLE):
        return ADOPTABLE[thing].address
    name = thing.removeprefix(VARIABLE)
    if delivery.by_ref:
        return f"github_actions_variable.repository_settings_{name}"
    return f"github_actions_environment_variable.environment_{name}"


def _id(address: str, content: Content) -> str | Unknown:
    type_, name = address.split(".")
    if type_ not in _IDS:
        return Unknown(f"see the page of {type_}")
    return _IDS[type_](content["resource"][type_][name], content)


def _value(text: str, content: Mapping[str, Any]) -> str:
    """Return what *text* is, or what it refers to in the same stack."""
    if match := _REFERENCE.fullmatch(text):
        type_, name, attribute = match.groups()
        text = content["resource"][type_][name][attribute]
    return text


def _cluster(text: str, content: Mapping[str, Any]) -> str:
    """Return the name of the cluster whose ARN, or a reference to it, *text* is."""
    return _value(text.replace(".arn}", ".name}"), content).rpartition("/")[2]


def _scaled(it: Content, all_: Content) -> str:
    """Return the id of a scalable target, whose policy's id goes on with a name."""
    keys = ("service_namespace", "resource_id", "scalable_dimension")
    namespace, resource, dimension = (_value(it[key], all_) for key in keys)
    service = "/".join(_value(part, all_) for part in resource.split("/"))
    return f"{namespace}/{service}/{dimension}"


def _record(it: Content) -> str | Unknown:
    """Return the id of a record of a zone whose id the file says."""
    if "${" in it["zone_id"] or "${" in it["name"]:
        return Unknown("<zone id>_<name>_<type>, which are looked up")
    return f"{it['zone_id']}_{it['name']}_{it['type']}"


def _oidc_provider(url: str, content: Mapping[str, Any]) -> str:
    (aws,) = content["provider"]["aws"]
    (account_id,) = aws["allowed_account_ids"]
    host = url.removeprefix("https://")
    return f"arn:{partition_of(aws['region'])}:iam::{account_id}:oidc-provider/{host}"


def _in_github(*parts: str) -> str | Unknown:
    """Join *parts*; version 6.9 takes a colon in one as it stands, later ones as ``??``.

    https://github.com/integrations/terraform-provider-github/pull/3079
    """
    if any(":" in part for part in parts):
        return Unknown("versions of the provider spell the colon in its name differently")
    return ":".join(parts)
