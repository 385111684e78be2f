"""Tests of keyless_ecs.review."""
