#!/usr/bin/env bash
# Runs monitorctl with the inputs of the action as arguments. None of them is seen by a
# shell: lists are split at line ends.
set -euo pipefail

arguments=()

# lines adds each line that is not empty as an argument.
lines() {
  local line
  while IFS= read -r line; do
    if [ -n "$line" ]; then arguments+=("$line"); fi
  done <<<"$1"
}

# flag adds a flag with its value, where there is one.
flag() { if [ -n "$2" ]; then arguments+=("$1=$2"); fi; }

lines "$COMMAND"
flag --set "$SET"
flag --config "$CONFIG"
flag --region "$REGIONS"
flag --role-arn "$ROLE"
flag --fail-on "$FAIL_ON"
flag --baseline "$BASELINE"
if [ "$COMMAND" = audit ]; then
  arguments+=(--output=table --output=github)
  if [ -n "$SARIF" ]; then arguments+=("--output=sarif=$SARIF"); fi
  if [ "$SUMMARY" = true ]; then arguments+=("--output=markdown=$GITHUB_STEP_SUMMARY"); fi
fi
lines "$ARGS"

code=0
"$RUNNER_TEMP/monitorctl" "${arguments[@]}" || code=$?
printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
exit "$code"
