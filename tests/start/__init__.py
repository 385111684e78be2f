"""Tests of keyless_ecs.start."""
