echo "$ENVIRONMENT is reached at <$SERVICE_URL>." >> "$GITHUB_STEP_SUMMARY"
