"""The stacks as projects of Atlantis, in a file of their own or merged into one that is there."""
