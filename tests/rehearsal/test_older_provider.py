"""What a rehearsal changes in its working copy of a stack, and that it lists every change."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import load
from keyless_ecs.rehearsal.terraform import forgotten_by_local_aws, workspace
from keyless_ecs.rehearsal.terraform.older_provider import CannotFitError, Difference, fit
from keyless_ecs.rehearsal.terraform.providers import Providers
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from keyless_ecs.rehearsal.terraform.workspace import Workspace
from tests.conftest import EXAMPLE, ROOT, Content
from tests.support.rehearsed import STACK, generated


def block(*attributes: str, **blocks: Any) -> Content:
    """Return a schema's block: attributes, and blocks inside it."""
    return {
        "attributes": {name: {"optional": True} for name in attributes},
        "block_types": {name: {"block": inner} for name, inner in blocks.items()},
    }


def schema(data: Content | None = None, **resources: Content) -> Content:
    """Return a provider's schema."""
    return {
        "resource_schemas": {name: {"block": one} for name, one in resources.items()},
        "data_source_schemas": {name: {"block": one} for name, one in (data or {}).items()},
    }


RULE = block(
    *("type", "security_group_id", "description", "protocol", "from_port", "to_port"),
    *("cidr_blocks", "ipv6_cidr_blocks", "source_security_group_id"),
)
OLD = schema(
    {
        "aws_subnet_ids": block("vpc_id", filter=block("name", "values")),
        "aws_vpc": block("default"),
    },
    aws_thing=block(
        "name", "size", settings=block("a", inner=block("b")), timeouts=block("create")
    ),
    aws_security_group_rule=RULE,
    aws_iam_openid_connect_provider={
        "attributes": {"url": {"required": True}, "thumbprint_list": {"required": True}}
    },
)


def fitted(content: Content) -> tuple[Content, list[tuple[str, str, str]]]:
    """Return a stack that the older provider takes, and what is listed."""
    before = copy.deepcopy(content)
    found, differences = fit(content, OLD, "1.0.0")
    assert content == before
    return found, [(d.address, d.what, d.why) for d in differences]


def thing(**arguments: Any) -> Content:
    """Return a stack of one resource."""
    return {"resource": {"aws_thing": {"it": arguments}}}


LEFT_OUT = "left out: 1.0.0 has none"


def test_what_the_provider_knows_stays() -> None:
    """Nothing is touched that need not be, in resources or around them."""
    content = {
        **thing(name="x", settings=[{"a": 1, "inner": {"b": 2}}], timeouts={"create": "1m"}),
        "//": {"metadata": {}},
        "terraform": {"backend": {"local": {}}},
        "locals": {"a": 1},
        "output": {"it": {"value": "${aws_thing.it.name}"}},
    }

    assert fitted(content) == (content, [])


def test_unknown_arguments_are_left_out_at_any_depth() -> None:
    """Each with its path; Terraform's own arguments are no provider's."""
    meta = {
        "count": 1,
        "depends_on": ["aws_thing.other"],
        "for_each": {},
        "lifecycle": {"prevent_destroy": True},
        "provider": "aws.x",
    }
    content = thing(
        name="x", new=1, settings=[{"a": 1, "c": 2, "inner": [{"b": 3, "d": 4}]}, {"c": 5}], **meta
    )

    assert fitted(content) == (
        thing(name="x", settings=[{"a": 1, "inner": [{"b": 3}]}, {}], **meta),
        [
            ("aws_thing.it", "new", LEFT_OUT),
            ("aws_thing.it", "settings.c", LEFT_OUT),
            ("aws_thing.it", "settings.inner.d", LEFT_OUT),
            ("aws_thing.it", "settings.c", LEFT_OUT),
        ],
    )


@pytest.mark.parametrize(
    ("ignored", "kept"),
    [
        (["name", "new", "settings"], ["name", "settings"]),
        (["settings[0].a", "new[0].b", "name"], ["settings[0].a", "name"]),
    ],
)
def test_changes_are_ignored_of_what_there_is(ignored: list[str], kept: list[str]) -> None:
    """An argument that the provider does not know has no changes to ignore; one inside has."""
    content, listed = fitted(thing(lifecycle={"ignore_changes": ignored}))

    assert content["resource"]["aws_thing"]["it"]["lifecycle"] == {"ignore_changes": kept}
    assert listed == []


def test_an_unknown_resource_goes_with_its_outputs() -> None:
    """With what waits for it, imports it, or moved to it; all else stays."""
    content: Content = {
        "resource": {
            "aws_new": {"it": {"name": "x"}},
            "aws_thing": {
                "a": {"depends_on": ["aws_new.it"]},
                "b": {"depends_on": ["aws_new.it", "aws_thing.a"]},
            },
        },
        "import": [{"to": "aws_new.it", "id": "x"}, {"to": "aws_thing.a", "id": "y"}],
        "moved": [{"from": "aws_new.was", "to": "aws_new.it"}],
        "output": {
            "new": {"value": "${aws_new.it.name}"},
            "near": {"value": "${aws_new.it2.name} ${data.aws_new.it.name} ${x.aws_new.it}"},
        },
    }

    found, listed = fitted(content)

    assert found == {
        "resource": {"aws_thing": {"a": {}, "b": {"depends_on": ["aws_thing.a"]}}},
        "import": [{"to": "aws_thing.a", "id": "y"}],
        "output": {"near": content["output"]["near"]},
    }
    assert listed == [
        ("aws_new.it", "", LEFT_OUT),
        ("output.new", "", "needs aws_new"),
    ]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("resource", {"resource": {"aws_thing": {"a": {"name": "${aws_new.it.name}"}}}}),
        ("locals", {"locals": {"a": "${aws_new.it.name}"}}),
        ("data", {"data": {"aws_vpc": {"a": {"default": "${aws_new.it.ok}"}}}}),
    ],
)
def test_what_others_refer_to_cannot_go(part: str, content: Content) -> None:
    """It says so, where Terraform would complain of a reference that nobody wrote."""
    content.setdefault("resource", {})["aws_new"] = {"it": {}}

    with pytest.raises(CannotFitError, match=rf"aws_new\.it cannot be left out: {part} refers"):
        fitted(content)


def test_an_unknown_data_source_goes_too() -> None:
    """Its address begins with data."""
    content = {"data": {"aws_new": {"it": {}}}, "output": {"o": {"value": "${data.aws_new.it.x}"}}}

    assert fitted(content) == (
        {},
        [("data.aws_new.it", "", LEFT_OUT), ("output.o", "", "needs aws_new")],
    )


def test_other_providers_are_left_alone() -> None:
    """The schema speaks of AWS alone."""
    content = {"resource": {"github_thing": {"it": {"new": 1}}}}

    assert fitted(content) == (content, [])


def rule(**arguments: Any) -> Content:
    """Return a rule of today."""
    return {
        "security_group_id": "${aws_thing.group.id}",
        "description": "x",
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 81,
        **arguments,
    }


@pytest.mark.parametrize(
    ("arguments", "converted"),
    [
        ({"cidr_ipv4": "10.0.0.0/8"}, {"cidr_blocks": ["10.0.0.0/8"]}),
        ({"cidr_ipv6": "::/0"}, {"ipv6_cidr_blocks": ["::/0"]}),
        ({"referenced_security_group_id": "sg-1"}, {"source_security_group_id": "sg-1"}),
        (
            {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"},
            {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]},
        ),
        ({"cidr_ipv4": "10.0.0.0/8", "count": 2}, {"cidr_blocks": ["10.0.0.0/8"], "count": 2}),
    ],
)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_rule_is_what_it_was_before(
    direction: str, arguments: Content, converted: Content
) -> None:
    """The same group, ports and addresses; what refers to it still does."""
    type_ = f"aws_vpc_security_group_{direction}_rule"
    content, listed = fitted(
        {
            "resource": {type_: {"it": rule(**arguments)}},
            "output": {"id": {"value": f"${{{type_}.it.id}}"}},
        }
    )

    assert content == {
        "resource": {
            "aws_security_group_rule": {
                "it": {
                    "type": direction,
                    "security_group_id": "${aws_thing.group.id}",
                    "description": "x",
                    "protocol": "tcp",
                    "from_port": 80,
                    "to_port": 81,
                    **converted,
                }
            }
        },
        "output": {"id": {"value": "${aws_security_group_rule.it.id}"}},
    }
    assert listed == [(f"{type_}.it", "", f"as aws_security_group_rule: 1.0.0 has no {type_}")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"prefix_list_id": "pl-1", "tags": {}}, "counterpart for prefix_list_id, tags"),
    ],
)
def test_a_rule_of_which_something_would_be_lost_is_refused(arguments: Content, says: str) -> None:
    """A rule without its source would let in nobody, or everybody."""
    with pytest.raises(CannotFitError, match=says):
        fitted({"resource": {"aws_vpc_security_group_ingress_rule": {"it": rule(**arguments)}}})


def test_two_rules_of_one_name_are_refused() -> None:
    """One would take the place of the other."""
    types = ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule")

    with pytest.raises(CannotFitError, match=r"ingress_rule\.it cannot be .*_rule\.it as well"):
        fitted({"resource": {type_: {"it": rule()} for type_ in types}})


def test_subnets_are_found_by_their_vpc() -> None:
    """The VPC is an argument of its own, and every other filter stays."""
    filters = [
        {"name": "default-for-az", "values": ["true"]},
        {"name": "vpc-id", "values": ["${data.aws_vpc.v.id}"]},
    ]
    content, listed = fitted(
        {
            "data": {"aws_subnets": {"s": {"filter": filters}}, "aws_vpc": {"v": {}}},
            "resource": {"aws_thing": {"it": {"name": "${data.aws_subnets.s.ids}"}}},
        }
    )

    assert content == {
        "data": {
            "aws_subnet_ids": {"s": {"vpc_id": "${data.aws_vpc.v.id}", "filter": filters[:1]}},
            "aws_vpc": {"v": {}},
        },
        "resource": {"aws_thing": {"it": {"name": "${data.aws_subnet_ids.s.ids}"}}},
    }
    assert listed == [
        ("data.aws_subnets.s", "", "as data.aws_subnet_ids: 1.0.0 has no aws_subnets")
    ]


def test_subnets_of_no_vpc_are_refused() -> None:
    """The older data source cannot do without."""
    with pytest.raises(CannotFitError, match=r"aws_subnets\.s has no counterpart"):
        fitted({"data": {"aws_subnets": {"s": {"filter": []}}}})


@pytest.mark.parametrize("given", [None, ["1" * 40]])
def test_what_it_requires_is_added(given: list[str] | None) -> None:
    """Only where the stack has none of its own."""
    provider = {"url": "x"} | ({"thumbprint_list": given} if given else {})
    content, listed = fitted({"resource": {"aws_iam_openid_connect_provider": {"it": provider}}})

    (element,) = content["resource"]["aws_iam_openid_connect_provider"].values()
    assert element["thumbprint_list"] == given or ["0" * 40]
    address = "aws_iam_openid_connect_provider.it"
    assert listed == ([] if given else [(address, "thumbprint_list", "added: 1.0.0 requires it")])


def stacks() -> list[tuple[str, Content]]:
    """Return the stacks of the delivery files that the repository has."""
    files = [EXAMPLE, ROOT / "tests/data/large.yaml"]
    return [
        (stack.name, json.loads(stack.text))
        for file in map(load, files)
        for stack in synthesis.synthesize(file, file.stack_names())
    ]


@pytest.mark.slow
def test_every_shipped_stack_fits() -> None:
    """With a provider that lacks everything new, each stack fits, or would have to say why."""
    everything = stacks()
    assert len(everything) > 5
    for name, content in everything:
        types = {
            kind: {
                type_: block(*{key for one in elements.values() for key in one} - {"skip_destroy"})
                for type_, elements in content.get(kind, {}).items()
                if not type_.startswith(("aws_vpc_security_group", "aws_subnets"))
            }
            for kind in ("resource", "data")
        }
        types["resource"]["aws_security_group_rule"] = RULE
        types["data"]["aws_subnet_ids"] = block("vpc_id", "filter")
        provider = types["resource"].get("aws_iam_openid_connect_provider")
        if provider:
            provider["attributes"]["thumbprint_list"] = {"required": True}

        found, listed = fit(content, schema(types["data"], **types["resource"]), "1.0.0")

        count = {
            kind: sum(len(one) for one in content.get(kind, {}).values())
            for kind in ("resource", "data")
        }
        assert count == {
            kind: sum(len(one) for one in found.get(kind, {}).values())
            for kind in ("resource", "data")
        }, name
        assert "skip_destroy" not in json.dumps(found), name
        assert ("skip_destroy" in json.dumps(content)) == any(
            difference.what == "skip_destroy" for difference in listed
        ), name


def test_what_moto_keeps_and_does_not_play_is_said() -> None:
    """A load balancer that is stored is not one that has served."""
    group = {"name": "x", "health_check": {"path": "/"}}
    content = {
        "resource": {"aws_lb_listener": {"https": {}}, "aws_lb_target_group": {"blue": group}}
    }

    found, listed = forgotten_by_local_aws.fit(content)

    assert found == content
    assert {(it.address, it.what) for it in listed} == {
        ("aws_lb_listener.https", ""),
        ("aws_lb_target_group.blue", "health_check"),
    }
    assert all(it.why.startswith("kept: ") for it in listed)


def test_what_moto_forgets_is_replaced() -> None:
    """Each with its reason; what is not there, or off, is not listed."""
    strategy = [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]
    spot = {"name": "x", "capacity_provider_strategy": strategy, "enable_execute_command": True}
    plain = {"name": "y", "launch_type": "FARGATE", "enable_execute_command": False}
    content = {"resource": {"aws_ecs_service": {"spot": spot, "plain": plain}}}
    before = copy.deepcopy(content)

    found, listed = forgotten_by_local_aws.fit(content)

    assert content == before
    assert found == {
        "resource": {
            "aws_ecs_service": {
                "spot": {"name": "x", "launch_type": "FARGATE"},
                "plain": {"name": "y", "launch_type": "FARGATE"},
            }
        }
    }
    assert listed == [
        Difference(
            "aws_ecs_service.spot",
            "capacity_provider_strategy",
            "as launch_type FARGATE: the local AWS forgets it",
        ),
        Difference(
            "aws_ecs_service.spot",
            "enable_execute_command",
            "left out: the local AWS forgets it",
        ),
    ]


def write(folder: Path, content: Content, aws: str = "6.25.0") -> tuple[Content, list[Difference]]:
    """Write a stack to a workspace; return its override and what is listed."""
    providers = Providers(Terraform("terraform", "1.11.4"), aws=aws, folder=folder)
    made = Workspace(folder, endpoint="http://127.0.0.1:1", providers=providers)
    place, listed = made.write("stack", content)
    assert place == folder / "stack"
    return json.loads((place / workspace.OVERRIDE).read_text()), listed


@pytest.mark.cdktf
def test_the_generated_stack_is_used_unchanged(tmp_path: Path) -> None:
    """With its own provider; what a rehearsal needs besides stands in the override."""
    content = generated(STACK)

    override, listed = write(tmp_path, content)

    assert json.loads((tmp_path / "stack/cdk.tf.json").read_text()) == content
    assert [it.what for it in listed] == ["deployment_circuit_breaker"]
    assert set(override) == {"provider", "terraform"}
    aws = override["provider"]["aws"]
    assert aws["endpoints"] == [dict.fromkeys(workspace.SERVICES, "http://127.0.0.1:1")]
    assert override["terraform"] == {
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": "6.25.0"}}
    }
    assert workspace.init_options(tmp_path / "stack") == ()


@pytest.mark.slow
def test_endpoints_cover_every_service_in_use() -> None:
    """A service without one would be asked at AWS itself."""
    keys = {
        "cloudwatch": "cloudwatchlogs",
        "default": "ec2",
        "lb": "elbv2",
        "security": "ec2",
        "subnet": "ec2",
        "subnets": "ec2",
        "vpc": "ec2",
    }
    used = {
        keys.get(type_.split("_")[1], type_.split("_")[1])
        for _, content in stacks()
        for kind in ("resource", "data")
        for type_ in content.get(kind, {})
        if type_.startswith("aws_")
    }

    assert used <= set(workspace.SERVICES)
    assert {"ecs", "iam"} <= used


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"backend": {"local": {"path": "../../elsewhere.tfstate"}}}, "local"),
        ({"backend": {"gcs": {"bucket": "x"}}}, "gcs"),
        ({"backend": {"remote": {"organization": "x"}}}, "remote"),
        ({"cloud": {"organization": "x"}}, "cloud"),
        ({"backend": {"local": {"path": "terraform.tfstate"}}}, None),
        ({}, None),
    ],
)
@pytest.mark.cdktf
def test_state_stays_in_the_folder(tmp_path: Path, settings: Content, kind: str | None) -> None:
    """Wherever the team keeps it; and that is listed."""
    override, listed = write(tmp_path, {"terraform": settings})

    backend = override["terraform"].get("backend")
    assert backend == ({"local": {"path": "terraform.tfstate"}} if kind else None)
    why = "state stays in a local file here"
    assert listed == ([Difference("terraform", kind, why)] if kind else [])


@pytest.mark.cdktf
def test_state_in_s3_goes_to_the_local_aws(tmp_path: Path) -> None:
    """Its options are those of init."""
    override, listed = write(tmp_path, {"terraform": {"backend": {"s3": {"bucket": "x"}}}})

    assert ("backend" in override["terraform"], listed) == (False, [])
    assert workspace.init_options(tmp_path / "stack") == (
        f"-backend-config={workspace.BACKEND_OPTIONS}",
    )
    options = (tmp_path / "stack" / workspace.BACKEND_OPTIONS).read_text()
    assert 's3 = "http://127.0.0.1:1"' in options
    assert "use_path_style = true" in options


@pytest.mark.cdktf
def test_protection_ends_with_the_rehearsal(tmp_path: Path) -> None:
    """Until then the stack has it as generated; nothing else of the lifecycle changes."""
    lifecycle = {"prevent_destroy": True, "ignore_changes": ["name"]}
    content = {"terraform": {}, "resource": {"aws_x": {"a": {"lifecycle": lifecycle}, "b": {}}}}
    write(tmp_path, content)
    path = tmp_path / "stack/cdk.tf.json"
    assert json.loads(path.read_text()) == content

    workspace.unprotect(path.parent)

    elements = json.loads(path.read_text())["resource"]["aws_x"]
    assert elements == {"a": {"lifecycle": {"ignore_changes": ["name"]}}, "b": {}}


@pytest.mark.cdktf
def test_only_an_older_provider_is_fitted(tmp_path: Path) -> None:
    """A newer one that the constraint admits takes the stack as it is."""
    providers = Providers(Terraform("x", "1.11.4"), aws="6.40.1", folder=tmp_path)
    assert not providers.older
    older = Providers(Terraform("x", "1.11.4"), aws="3.39.0", folder=tmp_path)
    assert older.older
