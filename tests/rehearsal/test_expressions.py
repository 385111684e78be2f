"""GitHub's expressions: what GitHub documents, or a refusal; never another answer.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from typing import Any

import pytest

from keyless_ecs.rehearsal.pipeline.expressions import Contexts, ExpressionError, UnsetError

VALUES = {
    "github": {"ref": "refs/heads/main", "sha": "0a1b", "event": {}},
    "inputs": {"environment": "Production", "empty": ""},
    "needs": {"push-it": {"outputs": {"digest": "sha256:1"}}, "skipped": {"outputs": {}}},
    "secrets": {"TOKEN": "hush", "SEALED": None},
    "steps": {"built": {"outputs": {"digest": ""}}},
    "vars": {"AWS_REGION": "eu-west-1"},
}


@pytest.fixture
def contexts() -> Contexts:
    """Return what the expressions here read."""
    return Contexts(VALUES)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12.0),
        ("-1.5", -1.5),
        ("'it''s'", "it's"),
        ("''''", "'"),
        ("'a || b'", "a || b"),
        ("github.sha", "0a1b"),
        ("needs.push-it.outputs.digest", "sha256:1"),
        # Names have no case.
        ("GitHub.SHA", "0a1b"),
        ("vars.aws_region", "eu-west-1"),
        ("STARTSWITH('abc', 'A')", True),
        # What nobody has set.
        ("vars.NOBODY", None),
        ("inputs.nobody", None),
        ("steps.other.outputs.digest", None),
        ("needs.skipped.outputs.digest", None),
        # The operands themselves, and not whether they are true.
        ("'a' || 'b'", "a"),
        ("'' || 'b'", "b"),
        ("'a' && 'b'", "b"),
        ("'' && 'b'", ""),
        ("0 || null", None),
        ("null && 'b' || 'c'", "c"),
        ("steps.built.outputs.digest || needs.push-it.outputs.digest", "sha256:1"),
        # What is false: nothing else.
        ("!''", True),
        ("!0", True),
        ("!-0", True),
        ("!null", True),
        ("!false", True),
        ("!'0'", False),
        ("!'false'", False),
        ("!!'x'", True),
        # Texts have no case.
        ("inputs.environment == 'pRODUCTION'", True),
        ("'a' != 'A'", False),
        # Two types are compared as numbers.
        ("null == ''", True),
        ("vars.NOBODY == ''", True),
        ("vars.NOBODY != ''", False),
        ("1 == '1'", True),
        ("1 == ' 1.0 '", True),
        ("'1e3' == 1000", True),
        ("true == 1", True),
        ("true == 'true'", False),
        ("false == ''", True),
        ("false == 'x'", False),
        ("0 == 'x'", False),
        ("1 == '1_0'", False),
        ("10 == '1_0'", False),
        # Precedence.
        ("!'a' == 'b'", False),
        ("'a' || 'b' && ''", "a"),
        ("('a' || 'b') && ''", ""),
        ("(('a') == ('b' && ('A')))", True),
        ("'x' == 'y' || 'z'", "z"),
        # Functions.
        ("startsWith(github.ref, 'REFS/heads/')", True),
        ("startsWith(github.ref, 'refs/tags/')", False),
        ("endsWith(github.ref, '/Main')", True),
        ("startsWith(12, 1)", True),
        ("(startsWith('v1.0', 'v') && endsWith('v1.0', '0'))", True),
        ("contains('abc', 'B')", True),
        ("contains('abc', 'd')", False),
        ("contains(123, 2)", True),
        ("contains('', '')", True),
        ('contains(fromJSON(\'["staging", "production"]\'), inputs.environment)', True),
        ("contains(fromJSON('[\"product\"]'), inputs.environment)", False),
        ("contains(fromJSON('[1, null]'), '1')", True),
        ("fromJSON('true')", True),
        ("fromJSON('12')", 12.0),
        ("fromJSON('\"a\"')", "a"),
        ("!fromJSON('[]')", False),
        ("format('{0}/{1}{{0}}{0}', 'a', 1)", "a/1{0}a"),
        ("format('x')", "x"),
        ("startsWith(github.ref, format('{0}/', 'refs'))", True),
        ("github.event.deleted", None),
        ("success()", True),
        ("always()", True),
        ("failure()", False),
        ("cancelled( )", False),
        ("!failure() && !cancelled()", True),
    ],
)
def test_an_expression_has_githubs_value(contexts: Contexts, expression: str, value: Any) -> None:
    """Value and type are those that GitHub documents."""
    found = contexts.value(expression)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "ends too soon"),
        ("'a' ||", "ends too soon"),
        ("(true", r"lacks '\)'"),
        ("true)", "cannot read what follows"),
        ("'a' 'b'", "cannot read what follows"),
        ("'a' == 'b' == 'c'", "cannot read what follows"),
        ("1 < 2", "cannot read '"),
        ("'open", "cannot read"),
        ('"text"', "cannot read"),
        ("vars['AWS_REGION']", "cannot read"),
        ("github.*", "cannot read"),
        ("github.", "ends too soon"),
        ("github.'sha'", "no part"),
        ("== 1", "cannot begin with '=='"),
        ("0xff", "cannot read what follows"),
        ("255 == '0xff'", "does not know the number 0xff"),
        ("NaN", "does not know NaN"),
        ("github", "no single value"),
        ("needs.push-it.outputs", "no single value"),
        # GitHub would have something there.
        ("env.HOME", r"does not know env\.HOME"),
        ("github.run_id || 'x'", r"does not know github\.run_id"),
        ("github.sha.x", r"does not know github\.sha\.x"),
        ("needs.push-it.result == 'success'", r"does not know needs\.push-it\.result"),
        ("steps.built.outcome", r"does not know steps\.built\.outcome"),
        ("secrets.SEALED || 'x'", r"secrets\.SEALED: it was sealed"),
        ("hashFiles('x')", r"function hashFiles\(\)"),
        ("format('{1}', 1)", r"cannot fill in '\{1\}'"),
        ("format('{', 1)", r"cannot fill in '\{'"),
        ("fromJSON('[')", r"cannot read '\['"),
        ("fromJSON('{}')", "no objects"),
        ("startsWith('a')", "takes 2 arguments, not 1"),
        ("always(1)", "takes 0 arguments, not 1"),
        ("startsWith('a' 'b')", "lacks ','"),
        ("startsWith('a',)", "cannot begin with"),
        ("startsWith('a'", "lacks ','"),
    ],
)
def test_what_it_does_not_understand_it_refuses(
    contexts: Contexts, expression: str, says: str
) -> None:
    """No expression is half read, and nothing that GitHub knows is taken for empty."""
    with pytest.raises(ExpressionError, match=says):
        contexts.value(expression)


def test_a_context_that_is_not_there_is_refused() -> None:
    """A variable may be unset; but here no variables can be read at all."""
    with pytest.raises(ExpressionError, match=r"does not know vars\.AWS_REGION"):
        Contexts({"github": {}}).value("vars.AWS_REGION")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain $HOME {{ x }}", "plain $HOME {{ x }}"),
        ("a ${{ github.sha }}:${{vars.AWS_REGION}} b", "a 0a1b:eu-west-1 b"),
        ("${{\n  github.sha\n}}", "0a1b"),
        ("${{ true }} ${{ 1.50 }} ${{ 1234567 }} ${{ 0.1 }}", "true 1.5 1234567 0.1"),
        ("${{ null }}", ""),
        # Empty, but set.
        ("[${{ inputs.empty }}]", "[]"),
        (True, "true"),
        (3600, "3600"),
        (None, ""),
    ],
)
def test_a_text_holds_values(contexts: Contexts, template: Any, text: str) -> None:
    """Each expression becomes its text; YAML's own values become theirs."""
    assert contexts.text(template) == text


def test_a_value_is_not_read_again() -> None:
    """What a variable holds is text, whatever it looks like."""
    assert Contexts({"vars": {"X": "${{ vars.Y }}"}}).text("${{ vars.X }}") == "${{ vars.Y }}"


@pytest.mark.parametrize("template", ["${{ github.sha", "${{ 'a' }} ${{ 'b' }", "${{ '}}' }}"])
def test_an_expression_has_an_end(contexts: Contexts, template: str) -> None:
    """GitHub refuses the file."""
    with pytest.raises(ExpressionError):
        contexts.text(template)


@pytest.mark.parametrize(
    ("template", "missing"),
    [
        ("x ${{ vars.NOBODY }}", r"there is no vars\.NOBODY"),
        (
            "${{ secrets.NOBODY || vars.NOBODY }}",
            r"no secrets\.NOBODY and no vars\.NOBODY",
        ),
        ("${{ steps.built.outputs.digest || steps.push.outputs.digest }}", r"steps\.push\.outputs"),
    ],
)
def test_what_is_empty_because_something_is_not_set_is_said(
    contexts: Contexts, template: str, missing: str
) -> None:
    """GitHub would hand on an empty text, and another step would fail for another reason."""
    with pytest.raises(UnsetError, match=missing):
        contexts.text(template)


def test_each_expression_is_looked_at_alone(contexts: Contexts) -> None:
    """An alternative that is not set is no fault, nor does it become the next expression's."""
    found = contexts.text("${{ secrets.NOBODY || vars.AWS_REGION }}${{ inputs.empty }}")

    assert found == "eu-west-1"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (True, True),
        (False, False),
        ("github.ref == 'refs/heads/main'", True),
        ("${{ !steps.built.outputs.digest }}", True),
        (" ${{ github.sha == 'x' }} ", False),
        ("'false'", True),
    ],
)
def test_an_if_holds(contexts: Contexts, condition: Any, holds: bool) -> None:
    """With and without braces."""
    assert contexts.holds(condition) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (True, False),
        ("github.sha == '0a1b'", False),
        ("success()", False),
        ("success() && github.sha == '0a1b'", False),
        ("'always ('", False),
        ("startsWith('success(', 's')", False),
        ("always()", True),
        ("Always()", True),
        ("!failure() && !cancelled ()", True),
        ("!success()", True),
        ("always() && github.sha == 'x'", False),
    ],
)
def test_after_something_did_not_run_an_if_must_ask(condition: Any, holds: bool) -> None:
    """GitHub puts ``success()`` before each condition that has no such function itself."""
    assert Contexts(VALUES, succeeded=False).holds(condition) is holds


@pytest.mark.parametrize(
    ("condition", "before", "holds"),
    [
        ("failure()", {"succeeded": False, "failed": True}, True),
        ("failure()", {"succeeded": False}, False),
        ("!failure()", {"succeeded": False, "cancelled": True}, True),
        ("cancelled()", {"succeeded": False, "cancelled": True}, True),
        ("cancelled()", {"succeeded": False, "failed": True}, False),
        ("!cancelled() && success()", {"succeeded": False, "failed": True}, False),
        ("always()", {"succeeded": False, "failed": True, "cancelled": True}, True),
    ],
)
def test_the_status_functions_tell_failed_from_cancelled(
    condition: str, before: dict[str, bool], holds: bool
) -> None:
    """A skip is no failure, a cancellation neither.

    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
    """
    assert Contexts(VALUES, **before).holds(condition) is holds


def test_what_is_not_set_may_be_empty_to_github() -> None:
    """A reader who is not strict gets what GitHub hands on."""
    assert Contexts(VALUES, strict=False).text("[${{ vars.NOBODY }}]") == "[]"


@pytest.mark.parametrize(
    "condition", ["a ${{ true }}", "${{ true }} && ${{ false }}", "", None, "${{ }}"]
)
def test_an_if_is_one_expression(contexts: Contexts, condition: Any) -> None:
    """To GitHub, text around an expression makes it true; that is nobody's intention."""
    with pytest.raises(ExpressionError):
        contexts.holds(condition)
