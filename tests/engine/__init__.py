"""Tests of keyless_ecs.engine."""
