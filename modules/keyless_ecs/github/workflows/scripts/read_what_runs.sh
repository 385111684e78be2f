# What was deployed last stands in the tags of the revision that runs: no second record can disagree.
# A deployment that is still rolling out is waited for, ten minutes at most; by hand nothing waits.
for _ in {1..40}; do
  service=$(aws ecs describe-services --cluster "$ECS_CLUSTER" --services "$ECS_SERVICE" --output text \
    --query "services[0].[status, taskDefinition, deployments[?status=='PRIMARY'] | [0].rolloutState]")
  read -r status revision state <<< "$service"
  if [ "$status" != ACTIVE ]; then
    echo "::error::there is no active service $ECS_SERVICE in the cluster $ECS_CLUSTER"
    exit 1
  fi
  if [ "$state" != IN_PROGRESS ] || [ "$BY_HAND" = true ]; then break; fi
  sleep 15
done
tags=$(aws ecs describe-task-definition --task-definition "$revision" --include TAGS --output text \
  --query "[tags[?key=='keyless-ecs:commit'].value | [0] || '-', tags[?key=='keyless-ecs:push'].value | [0] || '-',
    tags[?key=='keyless-ecs:digest'].value | [0] || '-', tags[?key=='keyless-ecs:template'].value | [0] || '-',
    join(' ', taskDefinition.containerDefinitions[].image)]")
IFS=$'\t' read -r commit push digest template images <<< "$tags"
# Whoever may tag a revision could have written anything.
[[ $commit =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || commit=
[[ $push =~ ^[1-9][0-9]{0,8}$ ]] || push=0
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || digest=
# A workflow file of an earlier version deploys another image with the tags of the one before.
[[ "$images " == *"@$digest "* ]] || commit='' digest=''
[[ $template =~ ^[A-Za-z0-9_-]+:[0-9]+$ ]] || template=
newest=$(aws ecs describe-task-definition --task-definition "$ECS_TASK_TEMPLATE" --output text \
  --query "join(':', [taskDefinition.family, to_string(taskDefinition.revision)])")
printf '%s\n' "state=$state" "commit=$commit" "push=$push" "digest=$digest" "template=$template" \
  "newest=$newest" "revision=$revision" >> "$GITHUB_OUTPUT"
