# The template holds what Terraform last changed. The tags say what is deployed: by hand there is no
# push, and the number stays that of what ran; so it does where a later push had brought this image.
number=$GITHUB_RUN_NUMBER
if [ "$BY_HAND" = true ] || { [ "$DIGEST" = "$RUNS" ] && [ "$number" -lt "$PUSH" ]; }; then number=$PUSH; fi
aws ecs describe-task-definition --task-definition "$NEWEST" --include TAGS --output json \
  --query "merge(taskDefinition, {family: '$ECS_TASK_FAMILY', tags: [tags, [
    {key: 'keyless-ecs:commit', value: '$COMMIT'},
    {key: 'keyless-ecs:push', value: '$number'},
    {key: 'keyless-ecs:digest', value: '$DIGEST'},
    {key: 'keyless-ecs:template', value: '$NEWEST'}][?value != '']][]})" > task-definition.json
