"""A container image made in memory, and pushed as ``docker push`` does through ECR's API."""

import gzip
import hashlib
import io
import json
import tarfile
from typing import Any

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def push(ecr: Any, repository: str, tag: str, commit: str, *, platform: str) -> str:
    """Push an image whose only file names *commit*, and return its digest.

    Args:
        ecr: A client of ECR, which signs with the pipeline's credentials.
        repository: The repository's name.
        tag: The tag.
        commit: The commit, of which the image is made.
        platform: Operating system and architecture: ``linux/amd64``.

    Raises:
        ClientError: ECR refuses one of the calls.

    https://github.com/opencontainers/image-spec/blob/main/manifest.md
    """
    files = _tar(commit.encode())
    system, _, architecture = platform.partition("/")
    config = json.dumps(
        {
            "architecture": architecture,
            "os": system,
            "rootfs": {"type": "layers", "diff_ids": [_digest(files)]},
        }
    ).encode()
    layer = gzip.compress(files, mtime=0)
    blobs = [(CONFIG, config), (LAYER, layer)]
    found = ecr.batch_check_layer_availability(
        repositoryName=repository, layerDigests=[_digest(blob) for _, blob in blobs]
    )
    there = {
        one["layerDigest"] for one in found["layers"] if one["layerAvailability"] == "AVAILABLE"
    }
    for _, blob in blobs:
        if _digest(blob) not in there:
            _upload(ecr, repository, blob)
    described = [
        {"mediaType": kind, "digest": _digest(blob), "size": len(blob)} for kind, blob in blobs
    ]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": described[0],
            "layers": described[1:],
        }
    )
    answer = ecr.put_image(
        repositoryName=repository,
        imageManifest=manifest,
        imageManifestMediaType=MANIFEST,
        imageTag=tag,
    )
    return str(answer["image"]["imageId"]["imageDigest"])


def _upload(ecr: Any, repository: str, blob: bytes) -> None:
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=len(blob) - 1,
        layerPartBlob=blob,
    )
    ecr.complete_layer_upload(
        repositoryName=repository, uploadId=upload, layerDigests=[_digest(blob)]
    )


def _tar(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("commit")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
