# Only what was deployed there has this tag. Its deployment may still be under way in another run.
for _ in {1..30}; do
  digest=$(aws ecr describe-images --repository-name "$ECR_REPOSITORY" \
    --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION" --filter tagStatus=TAGGED --output json \
    --query "sort_by(imageDetails[?imageTags[?starts_with(@, '$SOURCE.$GITHUB_SHA')]], &imagePushedAt)[-1].imageDigest")
  if [ "$digest" != null ]; then
    echo "digest=${digest//\"/}" >> "$GITHUB_OUTPUT"
    exit
  fi
  echo "$SOURCE has not deployed $GITHUB_SHA yet"
  sleep 60
done
cat >> "$GITHUB_STEP_SUMMARY" <<END
### Nothing to promote
$SOURCE has not deployed \`$GITHUB_SHA\`, so it is not promoted. Deploy this commit there, then
re-run this job.
END
echo "::error::$SOURCE has not deployed $GITHUB_SHA: deploy it there, then re-run this job"
exit 1
