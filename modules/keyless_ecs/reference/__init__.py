"""What the models say of the delivery file, told: as a page, as a JSON schema, key by key.

Each key's description, example and, where it needs words, default stand below its field. What
they look like is said in :mod:`keyless_ecs.reference.words`.
"""
