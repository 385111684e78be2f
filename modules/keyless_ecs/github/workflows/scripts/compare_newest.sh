# A service that is made anew begins with the newest revision: that must be the one that runs.
tags() {
  aws ecs describe-task-definition --task-definition "$1" --include TAGS --output text \
    --query "[tags[?key=='keyless-ecs:digest'].value | [0] || 'none', tags[?key=='keyless-ecs:commit'].value | [0],
      tags[?key=='keyless-ecs:push'].value | [0], tags[?key=='keyless-ecs:template'].value | [0]]"
}
# What the service is to run: while a failed deployment is rolled back, already what ran before.
revision=$(aws ecs describe-services --cluster "$ECS_CLUSTER" --services "$ECS_SERVICE" --output text \
  --query 'services[0].taskDefinition')
runs=$(tags "$revision")
newest=$(tags "$ECS_TASK_FAMILY")
if [ "$runs" = "$newest" ]; then exit; fi
read -r digest _ <<< "$runs"
if [ "$digest" = none ]; then
  # Nothing of the pipeline runs. Once something was deployed, that is a person's doing.
  deployed=$(aws ecr batch-get-image --repository-name "$ECR_REPOSITORY" --registry-id "$ECR_ACCOUNT_ID" \
    --region "$ECR_REGION" --image-ids "imageTag=runs.${ECS_TASK_TEMPLATE%-template}" --output text \
    --query 'images[0].imageId.imageDigest')
  if [ "$deployed" != None ]; then
    echo "$ENVIRONMENT runs ${revision##*/}, which no deployment made; it was left so." >> "$GITHUB_STEP_SUMMARY"
    exit
  fi
fi
image=$(aws ecs describe-task-definition --task-definition "$revision" --output text \
  --query "taskDefinition.containerDefinitions[?name=='$ECS_CONTAINER'].image | [0]")
if [ "$image" = None ]; then
  echo "$ENVIRONMENT runs ${revision##*/}, which has no container $ECS_CONTAINER; it was left so." >> "$GITHUB_STEP_SUMMARY"
  exit
fi
aws ecs describe-task-definition --task-definition "$revision" --include TAGS --output json \
  --query "merge(taskDefinition, {family: '$ECS_TASK_FAMILY', tags: [
    tags[?!starts_with(key, 'aws:') && key != 'keyless-ecs:digest'],
    [{key: 'keyless-ecs:digest', value: '$digest'}]][]})" > what-runs.json
{ echo "image=$image"; echo "revision=$revision"; } >> "$GITHUB_OUTPUT"
