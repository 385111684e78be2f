# Another job, or Terraform, may have had the service run another since: the newest is theirs then.
runs=$(aws ecs describe-services --cluster "$ECS_CLUSTER" --services "$ECS_SERVICE" --output text \
  --query 'services[0].taskDefinition')
if [ "$runs" != "$REVISION" ]; then exit; fi
aws ecs register-task-definition --cli-input-json "file://$TASK_DEFINITION" \
  --query taskDefinition.taskDefinitionArn --output text 2> "$RUNNER_TEMP/error" && exit
# What was made by hand runs with roles that this job may not pass on.
grep -q iam:PassRole "$RUNNER_TEMP/error" || { cat "$RUNNER_TEMP/error" >&2; exit 1; }
cat >> "$GITHUB_STEP_SUMMARY" <<END
The newest revision of $ECS_TASK_FAMILY is not the one that $ENVIRONMENT runs, whose roles this job may not
pass on. A service that is made anew begins with the newest one. The next deployment mends it.
END
