"""Tests of keyless_ecs.aws."""
