"""``python -m keyless_ecs``: the command line, where the package is installed."""

from keyless_ecs.commands.process import run

if __name__ == "__main__":
    run()
