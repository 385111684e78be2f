"""Tests of keyless_ecs.stacks."""
