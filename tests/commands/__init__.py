"""Tests of keyless_ecs.commands."""
