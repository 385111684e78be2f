"""keyless-ecs: from delivery.yaml to Terraform JSON for keyless delivery to Amazon ECS.

The command line stands in ``keyless_ecs.commands``. See ``python main.py --help``.
"""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120
OWN = os.path.join(HERE, ".venv", "bin", "python")  # noqa: PTH118
# Whichever Python is typed, it is the one that make set up: the documents say "python main.py".
if __name__ == "__main__" and sys.prefix == sys.base_prefix and os.path.exists(OWN):  # noqa: PTH110
    os.execv(OWN, [OWN, *sys.argv])  # noqa: S606

# The package is what stands in modules/, here as in what a wheel installs. (pathlib, which would
# read better, is not imported yet: every moment until run() is one in which Ctrl-C is not heard.)
sys.path.insert(0, os.path.join(HERE, "modules"))  # noqa: PTH118

from keyless_ecs.commands.process import run  # noqa: E402

if __name__ == "__main__":
    run()
