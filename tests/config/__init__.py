"""Tests of keyless_ecs.config."""
