ecr=(--repository-name "$ECR_REPOSITORY" --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION")
type=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageDigest=$DIGEST" --output text \
  --query 'images[0].imageManifestMediaType')
# $(…) strips line ends, which may be part of the manifest and of its digest: hence the dot.
manifest=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageDigest=$DIGEST" --output text \
  --query 'images[0].imageManifest' && printf .)
for tag in $TAGS; do
  aws ecr put-image "${ecr[@]}" --image-tag "$tag" --image-digest "$DIGEST" \
    --image-manifest "${manifest%$'\n'.}" --image-manifest-media-type "$type" \
    > "$RUNNER_TEMP/answer" 2> "$RUNNER_TEMP/error" && continue
  # The same tag on the same image is no error, on another image it is.
  tagged=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageTag=$tag" --output text \
    --query 'images[0].imageId.imageDigest')
  if [ "$tagged" != "$DIGEST" ]; then
    cat "$RUNNER_TEMP/error" >&2
    exit 1
  fi
done
echo "digest=$DIGEST" >> "$GITHUB_OUTPUT"
