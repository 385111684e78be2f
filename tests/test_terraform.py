"""Text and data as real Terraform reads them."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keyless_ecs.terraform import address_part, literal
from tests.support.terraform import needs_terraform, terraform

HOSTILE = [
    "plain",
    "${path.module}",
    "$${path.module}",
    "%{ if true }x%{ endif }",
    "${{ secrets.TOKEN }}",
    'quotes " and \\ and \n lines',
    "${",
    "日本語",
]


@needs_terraform
@pytest.mark.terraform
def test_terraform_gives_every_text_back_as_it_was(tmp_path: Path) -> None:
    """Nothing in a user's text is an expression, and nothing of it is lost."""
    outputs = {f"text_{number}": {"value": literal(text)} for number, text in enumerate(HOSTILE)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": outputs}))

    terraform(tmp_path, "init", "-input=false")
    terraform(tmp_path, "apply", "-auto-approve", "-input=false")
    read = json.loads(terraform(tmp_path, "output", "-json"))
    assert [read[f"text_{number}"]["value"] for number in range(len(HOSTILE))] == HOSTILE


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("main", "main"),
        ("v*.*.*", "v_star_dot_star_dot_star"),
        ("release/*", "release_slash_star"),
        ("10.0.0.0/8", "10_dot_0_dot_0_dot_0_slash_8"),
    ],
)
def test_an_address_can_be_said_aloud(text: str, spelled: str) -> None:
    """Patterns are spelled out, where CDKTF would drop what it cannot write."""
    assert address_part(text) == spelled


@example(["a.b", "a_dot_b", "a.b__332603", "a_dot_b__332603"])
@example(["a_.b", "a._b", "a.b", "a__dot_b"])
@given(st.lists(st.text("ab_-.*/@#:² ", min_size=1, max_size=6), min_size=2, unique=True))
def test_no_two_texts_have_one_spelling(texts: list[str]) -> None:
    """Else two resources would be one, or Terraform would refuse the name."""
    spelled = [address_part(text) for text in texts]

    assert len(set(spelled)) == len(texts)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]*", each) for each in spelled)
