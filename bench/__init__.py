"""How long synthesis takes and how much memory, each figure beside its anchor of the same run."""
