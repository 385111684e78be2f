"""``cost``: what the stacks bill."""

import json

from tests.support.command_line import Run


def test_cost_prints_each_stack(run: Run) -> None:
    """Also that one of them bills nothing."""
    result = run("cost")

    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == ["account-main: nothing", "papyrus-production"]
    assert json.dumps(lines).count("aws_ecs_service.service: vCPU and memory of 1 task") == 1
