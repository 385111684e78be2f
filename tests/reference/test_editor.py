"""The JSON schema does its work in the language server that editors run for YAML.

``make test-editor`` fetches it from npm; without it these tests are skipped.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given

from tests.conftest import EXAMPLE, ROOT
from tests.support import deliveries, language_server
from tests.support.language_server import LanguageServer

PROGRAM = ROOT / "tests/editor/node_modules/yaml-language-server/bin/yaml-language-server"
SCHEMA = "# yaml-language-server: $schema=delivery.schema.json\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAM.exists(), reason="run make test-editor"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the schema."""
    folder = tmp_path_factory.mktemp("editor")
    shutil.copy(ROOT / "schema/delivery.schema.json", folder)
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LanguageServer]:
    """Run the server."""
    with language_server.running(PROGRAM, folder) as running:
        yield running


@pytest.mark.parametrize("file", [EXAMPLE, ROOT / "tests/data/large.yaml"], ids=lambda f: f.name)
def test_a_good_file_is_left_alone(server: LanguageServer, folder: Path, file: Path) -> None:
    """What the program accepts, an editor does not underline."""
    assert server.problems(folder / file.name, SCHEMA + file.read_text()) == []


@given(deliveries.files)
def test_made_up_good_files_are_left_alone(
    server: LanguageServer, folder: Path, content: dict[str, Any]
) -> None:
    """The schema admits whatever the program admits: any kind of value at any key."""
    path = folder / f"{uuid4()}.yaml"

    assert server.problems(path, SCHEMA + json.dumps(content, indent=1)) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    region: ap-", "    region: xx-", "Value is not accepted. Valid values:"),
        ("      port:", "      prot:", "Property prot is not allowed."),
        ('id: "123456789012"', 'id: "123"', "is not an account id; use its 12 digits"),
        ("port: 8080", "port: 80800", "Value is above the maximum of 65535."),
        ("  papyrus:", "  Papyrus_x:", "cannot name resources"),
        ("    repository: Papyrus\n", "", 'Missing property "repository".'),
    ],
)
def test_what_the_program_refuses_is_underlined(
    server: LanguageServer, folder: Path, tmp_path: Path, before: str, after: str, said: str
) -> None:
    """Unknown keys and values, bounds, patterns in the program's words, and what is missing."""
    text = EXAMPLE.read_text()
    assert before in text

    problems = server.problems(
        folder / f"{tmp_path.name}.yaml", SCHEMA + text.replace(before, after)
    )
    assert [message for _, message in problems if said in message], problems


def test_a_key_is_explained_where_the_mouse_rests(server: LanguageServer, folder: Path) -> None:
    """Its description, and its default where that needs words."""
    path = folder / "hover.yaml"
    text = SCHEMA + EXAMPLE.read_text()
    server.problems(path, text)
    lines = text.splitlines()

    def hover(word: str) -> str:
        (line,) = (number for number, said in enumerate(lines) if said.strip().startswith(word))
        return server.hover(path, line, lines[line].index(word) + 1)

    assert "The port it listens on." in hover("port:")
    assert "Twelve digits, in quotes." in hover("id:")
    assert "The branches and tags that may deploy" in hover("deploy_from:")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("      ", {"image", "command", "health_check", "variables", "secrets"}),
        ("    registry: {tags: ", {"mutable", "immutable"}),
        ("        adopt: ", {"all"}),
        ("        capacity: ", {"fargate", "fargate_spot"}),
    ],
)
def test_keys_and_words_are_offered(
    server: LanguageServer, folder: Path, line: str, offered: set[str]
) -> None:
    """At the place where they may stand."""
    path = folder / f"completion-{len(line)}.yaml"
    lines = (SCHEMA + EXAMPLE.read_text()).splitlines()
    below = "        account:" if line.startswith("        ") else "      port:"
    at = next(number for number, said in enumerate(lines) if said.startswith(below)) + 1
    if line.startswith("    r"):
        line = f"{line}" + "}"
    lines.insert(at, line)
    server.problems(path, "\n".join(lines))

    column = len(line) - line.endswith("}")
    assert offered <= set(server.completions(path, at, column))
