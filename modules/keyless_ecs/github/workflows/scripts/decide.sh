# deploy, keep (this very image runs already, and counts as deployed) or superseded (a newer commit runs).
if [ "$BY_HAND" = true ]; then
  echo next=deploy >> "$GITHUB_OUTPUT"
  exit
fi
order=unrelated
if [ -n "$COMMIT" ]; then
  export GH_HOST=${GITHUB_SERVER_URL#https://}
  if ! order=$(gh api "repos/$GITHUB_REPOSITORY/compare/$COMMIT...$GITHUB_SHA?per_page=1" \
    --jq .status 2> "$RUNNER_TEMP/error"); then
    # After a force-push GitHub may have collected the commit that runs.
    grep -q 'HTTP 404' "$RUNNER_TEMP/error" || { cat "$RUNNER_TEMP/error" >&2; exit 1; }
    order=unrelated
  fi
fi
next=deploy
case $order in
  ahead) ;;
  # A newer commit whose deployment failed stands in nobody's way.
  behind) [ "$STATE" = FAILED ] || next=superseded ;;
  *)
    # Neither is the other's ancestor, or it is another image of the same commit: the later push wins.
    if [ "$order" = identical ] && [ "$IMAGE" = "$DIGEST" ]; then
      if [ "$STATE $TEMPLATE" = "COMPLETED $NEWEST" ]; then next=keep; fi
    elif [ "$GITHUB_RUN_NUMBER" -lt "$PUSH" ]; then
      next=superseded
    fi ;;
esac
echo "next=$next" >> "$GITHUB_OUTPUT"
case $next in
  deploy) echo "Deploying \`$GITHUB_SHA\` to $ENVIRONMENT, which runs ${COMMIT:-no commit yet} ($order)." ;;
  keep) echo "$ENVIRONMENT runs this image of \`$GITHUB_SHA\` already." ;;
  superseded)
    echo "### Superseded in $ENVIRONMENT"
    echo "\`$GITHUB_SHA\` was not deployed: $ENVIRONMENT runs \`${COMMIT:-another image}\`, which is newer or was pushed later. To deploy it all the same:"
    printf '\n    gh workflow run ecs-deploy.yml --ref %q -f environment=%q -f image=%q\n' \
      "$GITHUB_REF_NAME" "$ENVIRONMENT" "$IMAGE" ;;
esac >> "$GITHUB_STEP_SUMMARY"
