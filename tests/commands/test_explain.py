"""``explain``: what a key of the delivery file means, on the terminal."""

import re

import pytest

from keyless_ecs.reference import page, schema
from keyless_ecs.reference.keys import keys
from tests.support.command_line import Run


@pytest.mark.slow
def test_every_key_of_the_file_can_be_explained(run: Run) -> None:
    """By its whole path, as the page and the messages spell it."""
    for key in keys():
        result = run("explain", key.path)
        assert (result.returncode, result.stderr) == (0, ""), key.path
        assert key.path in result.stdout.splitlines()[0].split(", ")


@pytest.mark.parametrize(
    "name", ["services.*.registry.from", "services.papyrus.registry.from", "registry.from", "from"]
)
def test_a_key_is_explained_by_path_or_end(run: Run, name: str) -> None:
    """As it stands in a file, in the reference, or as one remembers it."""
    result = run("explain", name)

    assert result.returncode == 0
    assert "In an environment: deploy what this other environment" in " ".join(
        result.stdout.split()
    )
    assert "  default  none\n  example  staging\n" in result.stdout


def test_a_section_shows_the_keys_below_it(run: Run) -> None:
    """One finds the next key without the page."""
    said = run("explain", "services.web.task").stdout

    assert {"cpu", "memory"} <= set(re.findall(r"^    (\w+) ", said, re.MULTILINE))


def test_an_unknown_key_is_refused(run: Run) -> None:
    """With what was meant."""
    result = run("explain", "services.*.regisry")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'services.*.regisry: no such key; did you mean "registry"?\n'


def test_what_the_make_targets_print_is_what_is_kept(run: Run) -> None:
    """``make reference`` writes the two files from the command line."""
    assert run("explain", "--page").stdout == page.page()
    assert run("explain", "--schema").stdout == schema.text()
