look() {
  service=$(aws ecs describe-services --cluster "$ECS_CLUSTER" --services "$ECS_SERVICE" --output text \
    --query "services[0].[status, taskDefinition, deployments[?status=='PRIMARY'] | [0].rolloutState]")
  read -r status runs state <<< "$service"
  if [ "$status" != ACTIVE ]; then
    echo "::error::there is no active service $ECS_SERVICE in the cluster $ECS_CLUSTER any more"
    exit 1
  fi
}
not_deployed() {
  commit=$(aws ecs describe-task-definition --task-definition "$runs" --include TAGS --output text \
    --query "tags[?key=='keyless-ecs:commit'].value | [0]")
  cat >> "$GITHUB_STEP_SUMMARY" <<END
### Not deployed to $ENVIRONMENT
The deployment of ${revision##*/} $1. ${runs##*/} is what the service is to run now, of commit ${commit/#None/unknown}.
To try again, re-run this job; to deploy this image whatever runs:

END
  printf '    gh workflow run ecs-deploy.yml --ref %q -f environment=%q -f image=%q\n' \
    "$GITHUB_REF_NAME" "$ENVIRONMENT" "$DIGEST" >> "$GITHUB_STEP_SUMMARY"
  echo "::error::the deployment of ${revision##*/} $1; the service is to run ${runs##*/}"
  exit 1
}
# Registered as it was rendered: the action for it leaves out empty texts and lists.
revision=$(aws ecs register-task-definition --cli-input-json "file://$TASK_DEFINITION" \
  --query taskDefinition.taskDefinitionArn --output text)
# No update depends on what runs: whoever compared with it looks once more, with nothing in between.
if [ "$BY_HAND" != true ]; then
  look
  # What had failed stands in nobody's way, but a service made anew may begin with it.
  if [ "$runs" != "$RAN" ] || { [ "$WAS" = FAILED ] && [ "$state" != FAILED ]; }; then
    not_deployed "was not begun: another has begun since it was compared with ${RAN##*/}"
  fi
fi
deployment=$(aws ecs update-service --cluster "$ECS_CLUSTER" --service "$ECS_SERVICE" \
  --task-definition "$revision" --query "service.deployments[?status=='PRIMARY'] | [0].id" --output text)
echo "$deployment deploys ${revision##*/}"
end=$((SECONDS + WAIT_MINUTES * 60)) why="did not become stable in $WAIT_MINUTES minutes"
while [ "$SECONDS" -lt "$end" ]; do
  service=$(aws ecs describe-services --cluster "$ECS_CLUSTER" --services "$ECS_SERVICE" --output text \
    --query "services[0].[deployments[?id=='$deployment'] | [0].status, length(deployments), runningCount == desiredCount,
      deployments[?id=='$deployment'] | [0].rolloutState]")
  read -r status number steady state <<< "$service"
  case "$status $number $steady $state" in
    *" FAILED") why=failed; break ;;
    # ECS may list it a little later.
    None*) if [ "$SECONDS" -gt 60 ]; then why="was rolled back, or replaced by another"; break; fi ;;
    *" IN_PROGRESS") ;;
    "PRIMARY 1 True "*) exit ;;
  esac
  sleep 15
done
look
# Without a deployment that had completed there is nothing to go back to.
if [ "$why" = failed ] && [ "$runs" != "$revision" ]; then why="failed and was rolled back"; fi
not_deployed "$why"
