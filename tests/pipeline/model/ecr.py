"""ECR: images, the tags on them, and which of them expire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from keyless_ecs.rehearsal.aws import lifecycle
from tests.pipeline.model.iam import AwsError
from tests.pipeline.model.terraform import Registry

MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
DAY = 24 * 60


@dataclass
class Image:
    """An image: its digest, of which commit it was built, when it was pushed first."""

    digest: str
    commit: str
    pushed: int
    """Its place in the order of pushes; tagging it again does not renew it.

    https://github.com/aws/containers-roadmap/issues/2746
    """
    minute: int
    tags: list[str] = field(default_factory=list)

    @property
    def manifest(self) -> str:
        """Its manifest, from which its digest follows."""
        return json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "of": self.digest})


def described(given: Mapping[str, Any]) -> str:
    """Return the digest of the image that a call of PutImage describes: it need not name it."""
    try:
        return str(json.loads(given["imageManifest"])["of"])
    except (LookupError, TypeError, ValueError):
        raise AwsError("InvalidParameterException", "this is no manifest") from None


@dataclass
class Ecr:
    """One repository, and the operations of ECR's API upon it."""

    settings: Registry
    images: dict[str, Image] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The registry as image names spell it."""
        return f"{self.settings.account}.dkr.ecr.{self.settings.region}.amazonaws.com"

    def find(self, identifier: Mapping[str, str]) -> Image | None:
        """Return the image of a digest or tag."""
        if digest := identifier.get("imageDigest"):
            return self.images.get(digest)
        tag = identifier["imageTag"]
        return next((image for image in self.images.values() if tag in image.tags), None)

    def put(self, image: Image, tag: str) -> None:
        """Put *tag* on an image.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html#API_PutImage_Errors
        """
        there = self.find({"imageTag": tag})
        if there is not None and self._immutable(tag):
            raise AwsError("ImageTagAlreadyExistsException", f"the tag {tag} is immutable")
        if there is not None and there.digest == image.digest:
            raise AwsError("ImageAlreadyExistsException", f"{tag} is on {image.digest} already")
        if there is not None:
            there.tags.remove(tag)
        self.images.setdefault(image.digest, image).tags.append(tag)

    def _immutable(self, tag: str) -> bool:
        settings = self.settings
        excluded = any(fnmatchcase(tag, pattern) for pattern in settings.mutable_tags)
        return settings.mutability.startswith("IMMUTABLE") and not excluded

    def expire(self, minute: int) -> list[str]:
        """Delete what the lifecycle rules expire, and return the digests."""
        in_order = sorted(self.images.values(), key=lambda image: image.pushed)
        images = [
            lifecycle.Image(image.digest, image.tags, (minute - image.minute) / DAY)
            for image in in_order
        ]
        gone = lifecycle.expired(self.settings.rules, images)
        for digest in gone:
            del self.images[digest]
        return gone

    def describe_repositories(self, _: Any) -> dict[str, Any]:
        """DescribeRepositories of this one."""
        uri = f"{self.host}/{self.settings.name}"
        return {"repositories": [{"repositoryUri": uri, "repositoryName": self.settings.name}]}

    def describe_images(self, given: Any) -> dict[str, Any]:
        """DescribeImages: those named, or all."""
        if "imageIds" not in given:
            wanted = given.get("filter", {}).get("tagStatus", "ANY")
            found = [i for i in self.images.values() if wanted == "ANY" or i.tags]
        else:
            found = []
            for identifier in given["imageIds"]:
                image = self.find(identifier)
                if image is None:
                    raise AwsError("ImageNotFoundException", f"there is no {identifier}")
                found.append(image)
        return {"imageDetails": [self._details(image) for image in found]}

    def list_images(self, given: Any) -> dict[str, Any]:
        """ListImages: a line for each tag, and one for what has none."""
        wanted = given.get("filter", {}).get("tagStatus", "ANY")
        return {
            "imageIds": [
                {"imageDigest": image.digest, **({"imageTag": tag} if tag else {})}
                for image in self.images.values()
                for tag in image.tags or ([] if wanted == "TAGGED" else [""])
            ]
        }

    def batch_get_image(self, given: Any) -> dict[str, Any]:
        """BatchGetImage: what is not there is no error, but listed."""
        images, failures = [], []
        for identifier in given["imageIds"]:
            image = self.find(identifier)
            if image is None:
                failures.append({"imageId": identifier, "failureCode": "ImageNotFound"})
                continue
            named = {"imageDigest": image.digest}
            if "imageTag" in identifier:
                named["imageTag"] = identifier["imageTag"]
            images.append(
                {
                    "registryId": self.settings.account,
                    "repositoryName": self.settings.name,
                    "imageId": named,
                    "imageManifest": image.manifest,
                    "imageManifestMediaType": MEDIA_TYPE,
                }
            )
        return {"images": images, "failures": failures}

    def put_image(self, given: Any) -> dict[str, Any]:
        """PutImage of a manifest, whose layers must be here."""
        if given.get("imageManifestMediaType", MEDIA_TYPE) != MEDIA_TYPE:
            raise AwsError("InvalidParameterException", "another media type")
        digest = described(given)
        # One whose layers have just been uploaded is handed over with the call.
        image = self.images.get(digest) or given.get("image")
        if image is None:
            raise AwsError("LayersNotFoundException", "the image has expired")
        self.put(image, given["imageTag"])
        identifier = {"imageDigest": digest, "imageTag": given["imageTag"]}
        return {"image": {"imageId": identifier}}

    def _details(self, image: Image) -> dict[str, Any]:
        return {
            "registryId": self.settings.account,
            "repositoryName": self.settings.name,
            "imageDigest": image.digest,
            **({"imageTags": list(image.tags)} if image.tags else {}),
            "imagePushedAt": f"2026-01-01T00:00:00.{image.pushed:06d}+00:00",
            "imageManifestMediaType": MEDIA_TYPE,
        }
