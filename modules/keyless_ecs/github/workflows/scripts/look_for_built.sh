# The image of a commit is built once: a second run deploys what the first one pushed, and an
# immutable tag, which cannot be pushed again, is no error.
digest=$(aws ecr batch-get-image --repository-name "$ECR_REPOSITORY" \
  --image-ids "imageTag=$GITHUB_SHA" --query 'images[0].imageId.imageDigest' --output text)
echo "digest=${digest#None}" >> "$GITHUB_OUTPUT"
