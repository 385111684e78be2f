"""Write the provider lock file of every stack. Needs Terraform, which asks its registry."""

import argparse

from keyless_ecs.commands import DONE, flags

HELP = "write each stack's .terraform.lock.hcl (needs Terraform and its registry)"
EXAMPLE = "--platform linux_amd64 --platform darwin_arm64"
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_arm64")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.out(parser, "the folder with the stacks")
    parser.add_argument(
        "--platform",
        action="append",
        metavar="OS_ARCH",
        help="one of those of the people and machines that run Terraform; may be given several "
        f"times (default: {', '.join(PLATFORMS)})",
    )


def run(options: argparse.Namespace) -> int:
    """Lock the stacks.

    Raises:
        LockError: There is no stack or no Terraform, or one could not be locked.
    """
    from keyless_ecs.output import provider_locks

    platforms = options.platform or PLATFORMS
    count = provider_locks.lock(options.out, platforms)
    print(f"locked {count} stacks for {', '.join(platforms)}: commit their {provider_locks.LOCK}")
    return DONE
