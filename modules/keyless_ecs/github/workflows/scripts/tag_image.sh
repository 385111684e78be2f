ecr=(--repository-name "$ECR_REPOSITORY" --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION")
for pair in $TAGS; do
  tag=${pair%%=*} image=${pair#*=}
  # Nothing of the pipeline runs yet.
  if [ -z "$image" ]; then continue; fi
  # $(…) strips line ends, which may be part of the manifest and of its digest: hence the dot.
  found=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageDigest=$image" --output text \
    --query 'images[0].[imageManifestMediaType, imageManifest]' && printf .)
  if [ "$found" = $'None\n.' ] && [ "$image" != "$DIGEST" ]; then
    echo "::warning::$image, which runs, is not in the registry any more"
    continue
  fi
  manifest=${found#*$'\t'}
  aws ecr put-image "${ecr[@]}" --image-tag "$tag" --image-digest "$image" \
    --image-manifest "${manifest%$'\n'.}" --image-manifest-media-type "${found%%$'\t'*}" \
    > "$RUNNER_TEMP/answer" 2> "$RUNNER_TEMP/error" && continue
  # The same tag on the same image is no error, though another job may have moved it on by now.
  if grep -q ImageAlreadyExistsException "$RUNNER_TEMP/error"; then continue; fi
  # Where tags are immutable the error is one for both, and on another image it is one.
  tagged=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageTag=$tag" --output text \
    --query 'images[0].imageId.imageDigest')
  if [ "$tagged" != "$image" ]; then
    cat "$RUNNER_TEMP/error" >&2
    exit 1
  fi
done
echo "digest=$DIGEST" >> "$GITHUB_OUTPUT"
