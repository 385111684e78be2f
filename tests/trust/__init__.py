"""Tests of keyless_ecs.trust."""
