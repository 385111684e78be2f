# The template holds what Terraform last changed. The tags say what is deployed: by hand there is no
# push, and the number stays that of what ran.
if [ "$BY_HAND" = true ]; then number=$PUSH; else number=$GITHUB_RUN_NUMBER; fi
aws ecs describe-task-definition --task-definition "$NEWEST" --include TAGS --output json \
  --query "merge(taskDefinition, {family: '$ECS_TASK_FAMILY', tags: [tags, [
    {key: 'keyless-ecs:commit', value: '$COMMIT'},
    {key: 'keyless-ecs:push', value: '$number'},
    {key: 'keyless-ecs:digest', value: '$DIGEST'},
    {key: 'keyless-ecs:template', value: '$NEWEST'}][?value != '']][]})" > task-definition.json
