"""AWS on this machine: moto, with a gate in front that decides as IAM would."""
