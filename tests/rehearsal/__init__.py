"""Tests of keyless_ecs.rehearsal."""
