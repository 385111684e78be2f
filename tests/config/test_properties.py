"""Whatever stands in a delivery file: a result or a report, soon, and no secret in it."""

import copy
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from keyless_ecs.config import BadDeliveryFileError, load
from tests.conftest import EXAMPLE as PAPYRUS
from tests.conftest import Content
from tests.support.deliveries import files

pytestmark = pytest.mark.slow

EXAMPLE = PAPYRUS.read_text()
SECRET = "ghp" + "_0Pq7Rs2Tu9Vw4Xy1Za6Bc3De8Fg5Hi0Jk7Lm"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where every example of a module may write its file: none needs a folder anew."""
    return tmp_path_factory.mktemp("properties") / "delivery.yaml"


def outcome(path: Path) -> str | None:
    """Return the report on a file, None where it is good; it is there within a second."""
    begun = time.process_time()
    try:
        load(path)
    except BadDeliveryFileError as error:
        return str(error)
    finally:
        assert time.process_time() - begun < 1
    return None


@given(data=files)
def test_a_valid_file_is_taken(path: Path, data: Content) -> None:
    """What AWS and GitHub take is refused nowhere, as JSON and as YAML."""
    path.write_text(json.dumps(data))
    assert outcome(path) is None
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False  # inside brackets it writes a text like ?a as it cannot read it
    with path.open("w", encoding="utf-8") as opened:
        yaml.dump(data, opened)
    assert outcome(path) is None


MARKS = ["", " ", "\n", "  ", ": ", "- ", "? ", "<<: *a", "&a ", "*a", "!!int ", "{", "}", "[", "]"]
MARKS += ['"', "'", "|", ">", "#", "%", "@", "`", "\t", "---\n", "...", "~", "null", "yes", "0x1F"]
MARKS += [
    "1_000",
    "2024-13-45",
    ".inf",
    "9" * 50,
    "\\",
    '"\\ud800"',
    '"\\0"',
    "__proto__",
    "=",
    "é",
]
MARKS += [
    "${aws_vpc.x.id}",
    "${TfToken[TOKEN.0]}",
    "<<<<<<< ",
    ">>>>>>> ",
    SECRET,
    "\u202e",
    "\ufeff",
]
MARKS += ["version", "owner", "id: 5", "region: x", "repository: x", "deploy_from: x", "account: x"]
edits = st.tuples(
    st.integers(0, len(EXAMPLE)), st.integers(0, 8), st.sampled_from(MARKS) | st.text(max_size=8)
)


@given(changes=st.lists(edits, min_size=1, max_size=4))
def test_a_mutilated_file_gets_an_answer(path: Path, changes: list[tuple[int, int, str]]) -> None:
    """No text runs for ever or ends in a traceback, and none gets a secret shown."""
    text = EXAMPLE
    for at, length, inserted in changes:
        text = text[:at] + inserted + text[at + length :]
    path.write_text(text, encoding="utf-8", errors="replace")

    report = outcome(path)
    assert SECRET not in (report or "")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from([SECRET, f"https://user:{SECRET}@host/", "x" * 5000, "${x}", "TfToken["]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(data: Any, location: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of everything in *data*."""
    if location:
        yield location
    items = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        yield from places(value, (*location, key))


@given(data=files, where=st.integers(0, 10_000), value=values, key=st.none() | st.text(max_size=10))
def test_any_value_anywhere_gets_an_answer(
    path: Path, data: Content, where: int, value: Any, key: str | None
) -> None:
    """Each place is tried with each kind of value, in the place of what belongs there or beside."""
    found = list(places(data))
    *above, last = found[where % len(found)]
    node: Any = data
    for part in above:
        node = node[part]
    node[last if key is None or isinstance(node, list) else key] = value
    path.write_text(json.dumps(data))

    assert SECRET not in (outcome(path) or "")


def test_every_text_is_tried_with_every_payload(path: Path, example: Content) -> None:
    """An expression of Terraform, a mark of CDKTF, a secret, what is too long or half a letter."""
    service = example["services"]["papyrus"]
    service.update(
        tags={"team": "a"},
        container={"port": 80, "command": ["a"], "variables": {"A": "b"}, "image": "nginx"},
        build={"context": "."},
    )
    service["environments"]["production"].update(
        service_name="web", github={"name": "live", "variables": {"C": "d"}}, logs={"name": "/x"}
    )
    example["state"] = {"s3": {"bucket": "states", "region": "eu-west-1"}}
    leaves = [at for at in places(example) if isinstance(value_at(example, at), str)]
    payloads = [SECRET, f"https://u:{SECRET}@h", "TfToken[TOKEN.1]", "\0", "\ud800", "x" * 100_000]
    for location, payload in itertools.product(leaves, payloads):
        data = copy.deepcopy(example)
        value_at(data, location[:-1])[location[-1]] = payload
        path.write_text(json.dumps(data))
        report = outcome(path)
        assert report is not None, (location, payload[:20])
        assert SECRET not in report
        assert len(report) < 1_000


def value_at(data: Any, location: tuple[Any, ...]) -> Any:
    """Return what stands at *location*."""
    for key in location:
        data = data[key]
    return data
