"""Our evaluator of expressions says what GitHub's own says.

``make conformance`` fetches that from npm, at the version and hash of tests/conformance; without
it these tests are skipped. The status functions are the runner's and not the evaluator's: both get
the same four answers, so that how they combine is compared, not what they mean.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyless_ecs.rehearsal.pipeline.expressions import Contexts, ExpressionError
from keyless_ecs.rehearsal.pipeline.functions import text
from tests.conftest import ROOT

FOLDER = ROOT / "tests/conformance"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (FOLDER / "node_modules").exists(), reason="run make conformance"),
]

VALUES: Mapping[str, Any] = {
    "github": {"ref": "refs/heads/main", "sha": "0a1b", "event": {"deleted": False}},
    "inputs": {"environment": "Production", "empty": ""},
    "needs": {"push": {"outputs": {"digest": "sha256:1"}, "result": "success"}},
    "steps": {"built": {"outputs": {"digest": ""}, "outcome": "skipped"}},
    "vars": {"AWS_REGION": "eu-west-1", "NUMBER": "30"},
}
KINDS = {"StringData": str, "BooleanData": bool, "NumberData": float, "Null": type(None)}

texts = st.text(st.sampled_from("aA0.1 -e'{}xé"), max_size=6).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
numbers = st.one_of(st.integers(-1000, 1000), st.floats(-10, 10).map(lambda n: round(n, 3))).map(
    str
)
reads = st.sampled_from(
    [
        *("github.ref", "GITHUB.Sha", "github.event.deleted", "inputs.environment", "inputs.empty"),
        *("inputs.nobody", "needs.push.outputs.digest", "needs.push.outputs.other"),
        *("needs.push.result", "steps.built.outputs.digest", "steps.built.outcome"),
        *("vars.aws_region", "vars.NUMBER", "vars.NOBODY"),
    ]
)
status = st.sampled_from(["always()", "cancelled()", "failure()", "success()", "Success( )"])
leaves = st.one_of(texts, numbers, reads, status, st.sampled_from(["true", "false", "null"]))


def _combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(parts, parts)
    listed = """contains(fromJSON('["production", 30, null]'), {})"""
    return st.one_of(
        parts.map("!{}".format),
        parts.map("({})".format),
        st.tuples(parts, st.sampled_from(["&&", "||"]), parts).map(" ".join),
        st.tuples(leaves, st.sampled_from(["==", "!="]), leaves).map(" ".join),
        pairs.map(lambda two: f"startsWith({two[0]}, {two[1]})"),
        pairs.map(lambda two: f"endsWith({two[0]}, {two[1]})"),
        pairs.map(lambda two: f"contains({two[0]}, {two[1]})"),
        pairs.map(lambda two: f"format('{{0}}-{{1}}{{{{}}}}', {two[0]}, {two[1]})"),
        parts.map(listed.format),
    )


@pytest.fixture(scope="module")
def githubs() -> Iterator["subprocess.Popen[str]"]:
    """Return GitHub's evaluator, which answers a line with a line."""
    with subprocess.Popen(
        [os.environ["JSII_NODE"], FOLDER / "evaluate.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=FOLDER,
    ) as process:
        yield process
        process.terminate()


def _githubs(process: "subprocess.Popen[str]", expression: str, says: Mapping[str, bool]) -> Any:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("it was started with pipes")
    asked = {"expression": expression, "contexts": VALUES, "status": says}
    print(json.dumps(asked), file=process.stdin, flush=True)
    return json.loads(process.stdout.readline())


@given(
    expression=st.recursive(leaves, _combined, max_leaves=8),
    succeeded=st.booleans(),
    failed=st.booleans(),
    cancelled=st.booleans(),
)
@settings(max_examples=40 * settings().max_examples)
def test_it_says_what_github_says(
    githubs: "subprocess.Popen[str]",
    expression: str,
    succeeded: bool,
    failed: bool,
    cancelled: bool,
) -> None:
    """Kind and text of every value; what we refuse to read is left out."""
    contexts = Contexts(VALUES, succeeded, failed, cancelled, strict=False)
    try:
        ours = contexts.value(expression)
    except ExpressionError:
        return
    says = {"always": True, "cancelled": cancelled, "failure": failed, "success": succeeded}

    theirs = _githubs(githubs, expression, says)

    assert "error" not in theirs, theirs
    assert (type(ours), text(ours)) == (KINDS[theirs["kind"]], theirs["text"])
