"""Tests of keyless_ecs.output."""
