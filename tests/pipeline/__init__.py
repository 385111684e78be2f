"""Tests of the generated pipeline as a whole: its properties over many interleavings."""
