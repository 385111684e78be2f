"""YAML itself: what a file may say that no setting is asked about."""

import time
from pathlib import Path

import pytest

from keyless_ecs.config import BadDeliveryFileError, load
from tests.conftest import EXAMPLE as PAPYRUS

EXAMPLE = PAPYRUS.read_text()
END = EXAMPLE.count("\n") + 1


def refused(path: Path, text: str) -> list[str]:
    """Return the lines of the report on a file with *text*, which is there within a second."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    begun = time.process_time()
    with pytest.raises(BadDeliveryFileError) as error:
        load(path)
    assert time.process_time() - begun < 1
    return str(error.value).splitlines()[1:]


UNKNOWN = "use one of accounts, atlantis, defaults, github, providers, services, state, version"


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        ("version: 1", f"line {END}  version: stands there twice, in lines 1 and {END}; "
         "keep one of them"),
        ("x: *Passw0rd", f"line {END}  x: text that begins with * stands for what is marked with "
         "& above; nothing is, so put it in quotes"),
        ("x: &x [*x]", f"line {END}  x.0: holds itself, by an alias (*) of what it stands in; "
         "leave it out"),
        ("<<: &x {<<: *x}", f"line {END}  <<.<<: holds itself, by an alias (*) of what it stands "
         "in; leave it out"),
        ("<<: 5", f"line {END}: <<: takes a mapping, or a list of them; give it one"),
        ("<<: {owner: x}", f"line {END}  owner: unknown key; {UNKNOWN}"),
        ("1.5: x", f"line {END}: a key that is no text to YAML; put it in quotes"),
        ("2024-01-01: x", f"line {END}: a date to YAML; put it in quotes"),
        ("~: x", f"line {END}: a key that is no text to YAML; put it in quotes"),
        ("? [a]\n: x", f"line {END}: a key that is no text to YAML; put it in quotes"),
        ("x: 2024-13-45", f"line {END}  x: a date to YAML; put it in quotes"),
        (f"x: {'9' * 5000}", f"line {END}  x: a number of more than 40 digits; put it in quotes"),
        ("x: !!int foo", f"line {END}  x: a tag (!…) that does not fit; leave it out"),
        ('x: "\\ud800"', f"line {END}  x: half a letter (\\ud800 to \\udfff); "
         "write the letter itself"),
        ('x: "\\0"', f'line {END}  x: "\\x00" ends a text for AWS; write the text without it'),
        ("__proto__: x", f'line {END}  __proto__: "__proto__" is no name in JavaScript, in which '
         "CDKTF is written; write the text without it"),
        ("x: $jsii.byref", f'line {END}  x: "$jsii." marks an object inside CDKTF; '
         "write the text without it"),
        ('x: "\\q"', f"line {END}: not YAML: found unknown escape character 'q'"),
        ("x: \x07", f"line {END}: not YAML: a control character; take it out"),
        ("x:\n\ty: 1", f"line {END + 1}: not YAML: a tab, where YAML wants spaces"),
        ("x: [*]", f"line {END}: not YAML: text that begins with * or & wants quotes"),
        ("---\nversion: 1", f"line {END}: a second document begins; leave one in the file"),
        ("<<<<<<< ours\nx: 1\n=======\nx: 2\n>>>>>>> theirs",
         f"line {END}: Git left a conflict from line {END} to line {END + 4}; keep one side of it "
         "and take its marks (<<<<<<< ======= >>>>>>>) out"),
    ],
)  # fmt: skip
def test_what_yaml_makes_of_a_file_is_refused_in_its_line(
    tmp_path: Path, end: str, problem: str
) -> None:
    """No traceback, no text of the file that might be a secret, and a run that ends.

    F10: both lines of a conflict (istio/test-infra#4824).
    """
    report = refused(tmp_path / "delivery.yaml", f"{EXAMPLE}{end}\n")

    assert f"  {problem}" in report
    assert "Passw0rd" not in str(report)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (f"x: {'[' * 3000}", "levels deep"),
        ("? " * 3000, "levels deep"),
        (
            "a0: &a0 [x, x]\n"
            + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(60)),
            "aliases written out",
        ),
    ],
)
def test_what_grows_without_bound_has_one(tmp_path: Path, end: str, words: str) -> None:
    """A few lines may stand for billions of values."""
    report = refused(tmp_path / "delivery.yaml", EXAMPLE + end)

    assert words in report[-1]


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    """Whatever it is, it is no delivery file."""
    (problem,) = refused(tmp_path / "delivery.yaml", "#" * (1024 * 1024 + 1))

    assert problem == "  more than 1,048,576 bytes, which no such file needs; split it"


@pytest.mark.parametrize("place", ["", "services.papyrus", "accounts.main", "github", "state.s3"])
@pytest.mark.parametrize(
    "key", ["version", "owner", "id", "region", "repository", "deploy_from", "account", "from"]
)
def test_a_key_in_the_wrong_place_is_said_once(tmp_path: Path, place: str, key: str) -> None:
    """Every run ends, whatever a key means elsewhere."""
    text = EXAMPLE
    if place == "state.s3":
        text += "state:\n  s3:\n    bucket: states\n    region: eu-west-1\n"
    lines = text.splitlines()
    at, depth = 0, 0
    for part in filter(None, place.split(".")):
        at = next(n for n, line in enumerate(lines) if line.strip() == f"{part}:" and n >= at) + 1
        depth += 1
    if any(line.startswith("  " * depth + f"{key}:") for line in lines[at:]):
        pytest.skip("it belongs there")
    lines.insert(at, "  " * depth + f"{key}: x")
    report = refused(tmp_path / "delivery.yaml", "\n".join(lines))

    assert [line for line in report if "unknown key" in line] == report
    assert len(report) == 1


def test_a_merge_of_a_mapping_is_taken(tmp_path: Path) -> None:
    """YAML's own way to write settings once."""
    path = tmp_path / "delivery.yaml"
    path.write_text(
        EXAMPLE.replace("      production:\n", "      production: &all\n")
        + "      staging:\n        <<: *all\n        registry: {from: production}\n"
    )

    environments = load(path).services["papyrus"].environments
    assert environments["staging"].deploy_from == environments["production"].deploy_from
