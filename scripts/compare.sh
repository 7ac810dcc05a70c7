#!/usr/bin/env bash
# Compares what two builds of the program say about every judged situation, and
# about pairs of them laid over each other, in every output format.
#
#   scripts/compare.sh OLD NEW [PAIRS]
#
# OLD and NEW are binaries, PAIRS the number of pairs (default 200). All formats are
# compared for the core controls, JSON for all controls; explain and plan too. What
# differs is printed as a diff, and the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
old=$(realpath "$1") new=$(realpath "$2") pairs="${3:-200}"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/situations" "$work/old" "$work/new"
go test ./internal/aws/audit -run 'TestWriteSituations|TestPairsOfSituations' -count 1 -situations "$work/situations" -pairs "$pairs" >/dev/null

say() { # BINARY SITUATION OUT
  local config=() name
  name="$(basename "$2" .json)"
  [ ! -f "${2%.json}.yaml" ] || config=(--config "${2%.json}.yaml")
  {
    for format in table asff csv github gitlab html jsonl junit markdown ocsf sarif; do
      printf '== %s\n' "$format"
      "$1" audit --snapshot "$2" "${config[@]}" -o "$format" 2>&1 || printf 'exit %s\n' "$?"
    done
    printf '== json, all controls\n'
    "$1" audit --snapshot "$2" "${config[@]}" --set all -o json 2>&1 || printf 'exit %s\n' "$?"
    printf '== explain\n'
    "$1" explain security-group-changes --snapshot "$2" "${config[@]}" 2>&1 || printf 'exit %s\n' "$?"
    printf '== plan\n'
    "$1" plan --snapshot "$2" "${config[@]}" --subscribe email:a@example.com 2>&1 || printf 'exit %s\n' "$?"
  } | sed -E "s/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]+(\.[0-9]+)?(Z|\+00:00)?/TIME/g; s/[0-9]+ [A-Z][a-z]+ 20[0-9]{2}, [0-9:]+ UTC/TIME/; s/\"(time|created_time|finding_info\.created_time|modified_time)\": ?[0-9]+/TIME/g" >"$3/$name"
}
export -f say
find "$work/situations" -name '*.json' | sort >"$work/list"
for side in old new; do
  binary="${!side}"
  xargs -P 2 -I{} bash -c 'say "$@"' _ "$binary" {} "$work/$side" <"$work/list"
done
printf '%s situations\n' "$(wc -l <"$work/list")"
diff -r -U0 "$work/old" "$work/new"
