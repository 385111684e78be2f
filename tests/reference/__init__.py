"""Tests of keyless_ecs.reference."""
