"""Tests of keyless_ecs.atlantis."""
