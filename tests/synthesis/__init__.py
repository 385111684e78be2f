"""Tests of keyless_ecs.synthesis."""
