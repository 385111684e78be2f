"""Who gets into each role of the pipeline, for a person to read."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from textwrap import wrap

from keyless_ecs.trust import evaluator
from keyless_ecs.trust.attempts import Attempt, attempts
from keyless_ecs.trust.claims import has_claim_keys
from keyless_ecs.trust.job_role import UNKNOWN_OWNER_ID, UNKNOWN_REPOSITORY_ID, JobRole

WIDTH = 100


def table(roles: Iterable[tuple[JobRole, evaluator.Policy]]) -> tuple[str, bool]:
    """Return who gets into each role and what came of every attempt, and if all was as expected.

    Args:
        roles: Each role with its trust policy, whose references are resolved.
    """
    blocks, wrong, tried = [], 0, 0
    for role, trust in roles:
        tries = [(attempt, attempt.succeeds(trust, role)) for attempt in attempts(role)]
        tried += len(tries)
        wrong += sum(attempt.expected != succeeded for attempt, succeeded in tries)
        blocks.append("\n".join([*_who(role), "", *_rows(tries)]))
    tokens = "1 token" if tried == 1 else f"{tried} tokens"
    outcome = (
        f"{wrong} of {tokens} NOT as expected" if wrong else f"{tokens} tried, all as expected"
    )
    return "\n\n".join([*blocks, outcome]) + "\n", wrong == 0


def _who(role: JobRole) -> list[str]:
    ids = f"id {role.repository_id}, owner's id {role.owner_id}"
    if role.repository_id == UNKNOWN_REPOSITORY_ID or role.owner_id == UNKNOWN_OWNER_ID:
        ids = "ids looked up at plan time, tried with stand-ins"
    if not (role.repository_id_checked and has_claim_keys(role.issuer)):
        ids = "by name" if role.subject != "immutable" else ids
    subjects = {"both": "with and without ids", "legacy": "without ids", "immutable": "with ids"}
    bound = role.by == "environment"
    facts = {
        "provider": role.provider_arn,
        "audience": role.audience,
        "repository": f"{role.owner}/{role.repository} ({ids})",
        "environment": role.environment if bound else "none: its protection does not bind the role",
        "refs": _refs(role),
        "workflow": ", ".join(role.workflows) or "any file of the repository",
        "subject": subjects[role.subject if has_claim_keys(role.issuer) else "legacy"],
    }
    if bound and not has_claim_keys(role.issuer):
        facts["refs"] = f"any; GitHub's deployment policy alone names {facts['refs']}"
    lines = [role.name]
    for name, text in facts.items():
        first, *rest = _wrapped(text, WIDTH - 15)
        lines.append(f"  {name:11}  {first}")
        lines += [f"{'':15}{line}" for line in rest]
    return lines


def _refs(role: JobRole) -> str:
    refs = role.refs
    but = f", but not {', '.join(refs.refused)}" if refs.refused else ""
    return f"{', '.join(refs.allowed)}{but}"


def _rows(tries: Sequence[tuple[Attempt, bool]]) -> list[str]:
    """Return a line for each attempt, one for both forms of subject where they fare alike."""
    columns = (8, 9, 45, 32)

    def line(*cells: str) -> list[str]:
        parts = [_wrapped(cell, width) for cell, width in zip(cells, columns, strict=True)]
        height = max(map(len, parts))
        return [
            "  ".join(
                f"{(part[row] if row < len(part) else ''):{width}}"
                for part, width in zip(parts, columns, strict=True)
            ).rstrip()
            for row in range(height)
        ]

    def outcome(tried: tuple[Attempt, bool]) -> tuple[str, str, bool, bool]:
        attempt, succeeded = tried
        return (attempt.name, attempt.why, attempt.expected, succeeded)

    lines = [*line("verdict", "subject", "token", "because"), "-" * WIDTH]
    for (name, why, expected, succeeded), group in groupby(tries, key=outcome):
        forms = [attempt.form for attempt, _ in group]
        verdict = "allowed" if succeeded else "denied"
        if expected != succeeded:
            verdict = f"{verdict.upper()}!"
            why = f"WRONG, expected {'allowed' if expected else 'denied'}: {why}"
        lines += line(verdict, "both" if len(forms) > 1 else forms[0], name, why)
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False) or [""]
