"""keyless-ecs: from delivery.yaml to Terraform JSON for keyless delivery to Amazon ECS.

The command line stands in ``keyless_ecs.commands``. See ``python main.py --help``.
"""

import os
import sys

# The package is what stands in modules/, here as in what a wheel installs. (pathlib, which would
# read better, is not imported yet: every moment until run() is one in which Ctrl-C is not heard.)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "modules"))  # noqa: PTH118, PTH120

from keyless_ecs.commands.process import run

if __name__ == "__main__":
    run()
