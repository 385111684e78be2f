"""What the models say of the delivery file is whole, true, and told in three places."""

import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.reference import page, schema
from keyless_ecs.reference.keys import Key, keys
from tests.conftest import ROOT

KEYS = list({id(key.field): key for key in reversed(keys())}.values())
HOW = """
Below the field, in keyless_ecs/config, write what it is for its reader:

    keep_images: … = 30
    \"\"\"How many tagged images stay.

    Example: 100
    \"\"\"

Example is YAML and may be left out where the field is one of a few words, or true and false. Where
the default is None or empty and that means something, add a line "Default: the service's" (in
braces a name of Delivery: "Default: {deploy_role}"). Then write the page and the schema again:

    .venv/bin/python main.py explain --page >docs/delivery-file.md
    .venv/bin/python main.py explain --schema >schema/delivery.schema.json
"""


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_every_key_is_explained(key: Key) -> None:
    """A description, a default and an example: without them a user must guess."""
    if not key.words.description:
        pytest.fail(f"{key.path} has no description.\n{HOW}", pytrace=False)
    if not key.example:
        pytest.fail(f"{key.path} has no example.\n{HOW}", pytrace=False)
    assert key.words.description.endswith("."), key.path
    assert key.default or key.section


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_an_example_is_a_value_of_its_key(key: Key) -> None:
    """What is shown is accepted, and is not the default, which shows nothing."""
    value = TypeAdapter(key.annotation).validate_python(key.example_value)

    assert value != key.field.get_default()


@pytest.mark.parametrize(
    ("file", "text"),
    [("docs/delivery-file.md", page.page), ("schema/delivery.schema.json", schema.text)],
)
def test_what_is_written_from_the_models_is_fresh(file: str, text: Any) -> None:
    """Whoever changes a model sees in the same change what its readers will see."""
    if (ROOT / file).read_text() != text():
        pytest.fail(f"{file} is not what the models say.\n{HOW}", pytrace=False)


def test_each_row_of_a_table_is_a_line() -> None:
    """GitHub ends a table at a line break (https://github.github.com/gfm/#tables-extension-)."""
    rows = [line for line in page.page().splitlines() if line.startswith("|")]

    assert [row for row in rows if not row.endswith(" |") and set(row) > {"|", "-"}] == []


def test_defaults_are_computed() -> None:
    """A name that a stack would get is asked of what names it."""
    (role,) = (key for key in KEYS if key.path.endswith("trust.role_name"))

    assert role.default == "`<service>-<environment>-deploy`"


def property_of(path: str) -> dict[str, Any]:
    """Return what the schema says of the key at *path*."""
    whole = json.loads(schema.text())
    part: dict[str, Any] = whole
    for name in path.split("."):
        part = part["additionalProperties"] if name == "*" else part["properties"][name]
        for either in (part, *part.get("anyOf", ())):
            if "$ref" in either:
                part = whole["$defs"][either["$ref"].rpartition("/")[2]]
    return part


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("accounts.*.region", {"type": "string"}),
        ("accounts.*.oidc_provider", {"enum": ["create", "existing", "adopt"]}),
        ("services.*.registry.keep_images", {"default": 30}),
        ("services.*.environments.*.deploy_from.branches", {"maxItems": 100}),
    ],
)
def test_the_schema_tells_values(path: str, expected: dict[str, Any]) -> None:
    """Enums, bounds and defaults, as editors offer and check them."""
    assert property_of(path).items() >= expected.items()


def test_the_schema_tells_patterns_and_their_rule() -> None:
    """An editor refuses what the program refuses, in the same words."""
    said = property_of("accounts.*.id")

    assert said["pattern"] == r"^(?:\d{12})$"
    assert said["patternErrorMessage"].startswith("is not an account id; use its 12 digits")


def test_the_schema_tells_words_for_mappings() -> None:
    """``all`` in the place of a list, ``variable`` in that of a mapping."""
    adopt = property_of("services.*.environments.*.adopt")["anyOf"]
    secrets, *_ = property_of("services.*.environments.*.github.secrets")["anyOf"]

    assert {"const": "all", "type": "string"} in adopt
    assert {"const": "variable", "type": "string"} in secrets["additionalProperties"]["anyOf"]


def test_the_schema_admits_the_word_none() -> None:
    """It puts a key back to its default, where levels share it."""
    number, none = property_of("services.*.registry.keep_images")["anyOf"]

    assert (number["minimum"], number["maximum"]) == (1, 100_000)
    assert none == {"const": "none"}


def test_no_pattern_is_pythons_alone() -> None:
    """Editors read them as JavaScript does: https://json-schema.org/understanding-json-schema."""
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', schema.text())

    assert len(patterns) > 20
    for pattern in map(json.loads, patterns):
        assert not re.search(r"\(\?[^:=!<]|\(\?<[^=!]|\\[AZ]|\(\?P", pattern), pattern


def test_the_example_names_its_schema() -> None:
    """An editor needs no set-up for the file that a newcomer opens first."""
    first, *_ = (ROOT / "delivery.yaml").read_text().splitlines()
    path = first.removeprefix("# yaml-language-server: $schema=")

    assert json.loads((ROOT / path).read_text())["title"] == json.loads(schema.text())["title"]


def test_every_section_has_the_keys_of_its_model() -> None:
    """Nothing that the file takes is left out of the schema."""
    assert set(json.loads(schema.text())["properties"]) == set(DeliveryFile.model_fields)
