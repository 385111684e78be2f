"""Tests of keyless_ecs.github."""
