ecr=(--repository-name "$ECR_REPOSITORY" --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION")
name=${ECS_TASK_TEMPLATE%-template}
commit=$GITHUB_SHA digest=$IMAGE
if [ "$BY_HAND" = true ]; then
  commit=
  if [[ $IMAGE =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; then
    # By its commit only an image that this environment has deployed, else one that may be deployed here.
    commit=$IMAGE
    for tag in "$name.$IMAGE" "$SOURCE$IMAGE"; do
      digest=$(aws ecr describe-images "${ecr[@]}" --filter tagStatus=TAGGED --output json \
        --query "sort_by(imageDetails[?imageTags[?starts_with(@, '$tag')]], &imagePushedAt)[-1].imageDigest")
      digest=${digest//\"/}
      if [ "$digest" != null ]; then break; fi
    done
    if [ "$digest" = null ]; then
      echo "::error::there is no image of $IMAGE that $ENVIRONMENT may run; its digest (sha256:…) names any image"
      exit 1
    fi
  elif [[ ! $IMAGE =~ ^sha256:[0-9a-f]{64}$ ]]; then
    echo "::error::'$IMAGE' is neither a whole commit SHA nor a digest (sha256:…)"
    exit 1
  fi
fi
tags=$(aws ecr describe-images "${ecr[@]}" --image-ids "imageDigest=$digest" --output text \
  --query 'imageDetails[0].imageTags')
if [ -z "$commit" ]; then
  for tag in $tags; do
    if [[ $tag =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; then commit=$tag; fi
  done
fi
uri=$(aws ecr describe-repositories --repository-names "$ECR_REPOSITORY" \
  --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION" --query 'repositories[0].repositoryUri' --output text)
# The image of a commit that was built a second time is kept beside the first.
kept=$name.${commit:-${digest#sha256:}}
other=$(aws ecr batch-get-image "${ecr[@]}" --image-ids "imageTag=$kept" --output text \
  --query 'images[0].imageId.imageDigest')
if [ "$other" != None ] && [ "$other" != "$digest" ]; then kept=$kept-${digest:7:12}; fi
# While it rolls out it is held, beside one that is deployed by hand or not at the same time.
if [ "$BY_HAND" = true ]; then held=runs.$name.hand; else held=runs.$name.next; fi
printf '%s\n' "digest=$digest" "uri=$uri@$digest" "commit=$commit" \
  "runs=runs.$name" "held=$held" "kept=$kept" >> "$GITHUB_OUTPUT"
