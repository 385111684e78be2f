"""The picture of a stack: all of it, once, and legible."""

import re
import time
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from keyless_ecs.rehearsal.report import diagram
from keyless_ecs.rehearsal.report.diagram import Resource
from keyless_ecs.rehearsal.report.diagram.layout import Box, Picture, lay_out
from keyless_ecs.review.parts import PARTS
from tests.support.rehearsed import ACCOUNT_STACK, STACK, generated

SHIPPED = diagram.resources(generated(STACK))
WIDTHS = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


def named(*addresses: str, **references: list[str]) -> list[Resource]:
    """Return resources of these addresses; references are by the last part of the address."""
    return [
        Resource(address, address.split(".")[-2], references.get(address.split(".")[-1], []))
        for address in addresses
    ]


def boxes(picture: Picture) -> list[Box]:
    """Return the boxes of all parts."""
    return [box for room in picture.rooms for box in room.boxes]


def references(body: dict[str, Any], **locals_: Any) -> list[str]:
    """Return what a service with this body refers to, beside a role, a user and a cluster."""
    stack = {
        "resource": {
            "aws_ecs_service": {"it": body},
            "aws_iam_role": {"role": {}},
            "aws_ecs_cluster": {"a-b": {}},
        },
        "data": {"github_user": {"owner": {}}},
        "locals": locals_,
    }
    (found,) = (r for r in diagram.resources(stack) if r.address == "aws_ecs_service.it")
    return found.references


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"a": "${aws_iam_role.role.arn}"}, ["aws_iam_role.role"]),
        ({"a": "x-${aws_ecs_cluster.a-b.id}/y"}, ["aws_ecs_cluster.a-b"]),
        ({"a": ["${tostring(data.github_user.owner.id)}"]}, ["data.github_user.owner"]),
        ({"a": "${jsonencode({b = aws_iam_role.role.arn})}"}, ["aws_iam_role.role"]),
        ({"${aws_iam_role.role.arn}": 1}, ["aws_iam_role.role"]),
        ({"depends_on": ["aws_iam_role.role"]}, ["aws_iam_role.role"]),
        ({"lifecycle": {"ignore_changes": ["aws_iam_role.role"]}}, []),
        ({"a": "aws_iam_role.role"}, []),
        ({"a": "$${aws_iam_role.role.arn}"}, []),
        ({"a": "${var.role} ${aws_iam_role.other.arn} ${aws_ecs_service.it.id}"}, []),
        ({"a": "${aws_iam_role.role.arn}${aws_iam_role.role.id}"}, ["aws_iam_role.role"]),
    ],
)
def test_references_are_what_terraform_reads(body: dict[str, Any], expected: list[str]) -> None:
    """A text that only looks like a reference is none, and nothing refers to itself."""
    assert references(body) == expected


def test_what_a_local_takes_counts() -> None:
    """A policy stands in a local; its ids are looked up for the role all the same."""
    found = references({"a": "${local.one}"}, one={"b": "${local.two}"}, two="${aws_iam_role.role}")

    assert found == ["aws_iam_role.role"]
    assert references({"a": "${local.one}"}, one="${local.one}") == []


def test_the_shipped_stack_is_read_whole() -> None:
    """Of every reference in the file, none is overlooked."""
    (service,) = (r for r in SHIPPED if r.address == "aws_ecs_service.service")
    (role,) = (r for r in SHIPPED if r.address == "aws_iam_role.deploy_role")

    assert len(SHIPPED) == 39
    assert set(service.references) == {
        "aws_ecs_cluster.cluster",
        "aws_ecs_task_definition.task",
        "aws_iam_role_policy_attachment.execution_role_AmazonECSTaskExecutionRolePolicy",
        "aws_security_group.network_service",
        "data.aws_subnets.network_subnets",
    }
    assert set(role.references) == {"data.github_user.owner", "data.github_repository.repository"}


@WIDTHS
@pytest.mark.parametrize("stack", [STACK, ACCOUNT_STACK])
def test_every_resource_stands_in_it_once(stack: str, narrow: bool) -> None:
    """A reviewer counts on it."""
    resources = diagram.resources(generated(stack))
    drawn = ElementTree.fromstring(diagram.svg(resources, label=stack, narrow=narrow))  # noqa: S314

    shown = [group.get("data-address") for group in drawn.iter("{http://www.w3.org/2000/svg}g")]
    assert sorted(filter(None, shown)) == [resource.address for resource in resources]
    texts = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    for resource in resources:
        assert resource.name in "".join(texts)


@WIDTHS
def test_every_reference_is_drawn_once(narrow: bool) -> None:
    """As a line, or as a resource that stands below the one that it belongs to."""
    picture = lay_out(SHIPPED, narrow=narrow)

    lines = [{line.source, line.target} for line in picture.lines]
    hanging = [row for box in boxes(picture) if box.hangs_from for row in box.rows]
    assert len(lines) + len(hanging) == sum(len(r.references) for r in SHIPPED)
    assert all(one != other for one, other in combinations(lines, 2))


@WIDTHS
def test_nothing_stands_on_anything_else(narrow: bool) -> None:
    """Boxes do not overlap, lines begin and end at boxes and cross none, all is in the picture."""
    picture = lay_out(SHIPPED, narrow=narrow)

    def inside(x: float, y: float, box: Box) -> bool:
        return box.x < x < box.x + box.width and box.y < y < box.y + box.height

    for one, other in combinations(boxes(picture), 2):
        assert (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
    for box in boxes(picture):
        assert box.x >= 0
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
    for line in picture.lines:
        for start, end in pairwise(line.points):
            for part in range(1, 20):
                x = start.x + (end.x - start.x) * part / 20
                y = start.y + (end.y - start.y) * part / 20
                assert not any(inside(x, y, box) for box in boxes(picture))
                assert 0 <= x <= picture.width
    for line in picture.lines:
        for end in (line.points[0], line.points[-1]):
            assert any(
                end.x in (box.x, box.x + box.width) and box.y < end.y < box.y + box.height
                for box in boxes(picture)
            )


def test_lines_of_the_shipped_stack_do_not_cross() -> None:
    """What can be untangled is."""
    lines = [
        (start, end) for line in lay_out(SHIPPED).lines for start, end in pairwise(line.points)
    ]
    upright = [(s.x, sorted((s.y, e.y))) for s, e in lines if s.x == e.x]
    level = [(s.y, sorted((s.x, e.x))) for s, e in lines if s.x != e.x]

    crossings = {
        (x, y)
        for x, (low, high) in upright
        for y, (left, right) in level
        if low < y < high and left < x < right
    }
    # Where the service's line to its task turns back, others of the service pass. Two jobs have a
    # role each, and two families of tasks have one: what both of a kind want must cross.
    assert len(crossings) <= 14


def test_the_delivery_goes_from_github_to_the_service() -> None:
    """The way of a delivery is what the picture is for."""
    assert [arrow.label for arrow in lay_out(SHIPPED).arrows] == [
        "OIDC token",
        "pushes",
        "deploys",
    ]
    promoted = [r for r in SHIPPED if not r.type.startswith("aws_ecr_")]
    assert [arrow.label for arrow in lay_out(promoted).arrows] == ["OIDC token", "deploys"]
    assert lay_out(diagram.resources(generated(ACCOUNT_STACK))).arrows == ()


def test_the_shipped_stack_has_no_rest() -> None:
    """Each of its types has its part."""
    for stack in (STACK, ACCOUNT_STACK):
        rooms = lay_out(diagram.resources(generated(stack))).rooms
        assert PARTS[-1] not in {room.part for room in rooms}


def test_an_unknown_type_is_drawn_too() -> None:
    """A resource that somebody added is not lost."""
    picture = lay_out(named("x_y.z"))

    assert [(room.part, len(room.boxes)) for room in picture.rooms] == [(PARTS[-1], 1)]


@pytest.mark.parametrize(
    "resources",
    [
        named(),
        named("aws_vpc.a", "aws_subnet.b", a=["aws_subnet.b"], b=["aws_vpc.a"]),
        named("aws_vpc.a", a=["aws_vpc.gone"]),
        named("data.github_user.a", "data.github_user.b", a=["data.github_user.b"]),
        named(f"aws_vpc.{'x' * 500}"),
    ],
    ids=["empty", "circle", "dangling", "looked up", "long"],
)
@WIDTHS
def test_nothing_odd_is_lost(resources: list[Resource], narrow: bool) -> None:
    """Whatever the JSON says, what stands in it is drawn."""
    shown = [row.resource for box in boxes(lay_out(resources, narrow=narrow)) for row in box.rows]

    assert len(shown) == len(resources)
    assert all(resource in shown for resource in resources)
    assert diagram.svg(resources, label="odd", narrow=narrow)


def test_long_names_stay_in_their_box() -> None:
    """A name is cut into lines that fit, and none of it is lost."""
    name = "environment_" + "VERY_LONG_NAME_" * 6
    (box,) = boxes(lay_out(named(f"aws_vpc.{name}")))

    assert "".join(box.rows[0].lines) == name
    assert max(map(len, box.rows[0].lines)) * 6.95 <= box.width


@WIDTHS
def test_it_is_the_same_each_time(narrow: bool) -> None:
    """The order in which Python happens to hold things changes nothing."""

    def draw(resources: Iterable[Resource]) -> str:
        return diagram.svg(list(resources), label="x", narrow=narrow)

    again = diagram.resources(generated(STACK))
    assert draw(SHIPPED) == draw(again)


def test_it_holds_no_markup_of_others() -> None:
    """A label and an address are text."""
    drawn = diagram.svg(named('aws_vpc.<script x="'), label='"><script>')

    assert "<script" not in drawn
    assert ElementTree.fromstring(drawn).get("aria-label") == '"><script>'  # noqa: S314
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", drawn)


def test_a_stack_of_hundreds_is_drawn_too() -> None:
    """What no eye can follow is not worth minutes."""
    names = [f"n{number}" for number in range(150)]
    variables = [
        Resource(f"github_x.{name}", "github_x", [f"aws_ecs_x.{other}"])
        for name, other in zip(names, sorted(names), strict=True)
    ]
    services = [Resource(f"aws_ecs_x.{name}", "aws_ecs_x", []) for name in names]
    started = time.monotonic()

    assert len(lay_out([*variables, *services]).lines) == 150
    assert time.monotonic() - started < 10
