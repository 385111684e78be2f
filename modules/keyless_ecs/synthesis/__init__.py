"""From a delivery file to the files of generated/."""
