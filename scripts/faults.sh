#!/usr/bin/env bash
# Plants each fault of internal/pattern/testdata/faults, one at a time, in a
# clone of the last commit, and demands that the tests of the package turn red.
# It prints which tests caught the fault, and ends with status 1 if a fault
# survived, did not apply, did not compile or ended the tests without a red
# one. Arguments choose patches.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export GOTOOLCHAIN=local
export GOFLAGS="${GOFLAGS:--mod=readonly}"

patches=("$@")
[ ${#patches[@]} -gt 0 ] || patches=(internal/pattern/testdata/faults/*.patch)

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
tree="$work/tree"
log="$work/log"
git clone --quiet --shared . "$tree"

# run_tests fails when a test does. The first red test is enough, the quick ones
# come first, and a fault may make one run forever. TestFaultsApply, which a
# planted fault turns red by being there, does not count.
slow='^(TestCover|TestOperandsInAnyOrder|TestDistribution|TestRedundantParentheses|TestEquivalentTexts|TestSplitOverTwoFilters|TestFaultsApply)'
run_tests() {
  (
    cd "$tree/internal/pattern"
    go test -vet=off -c -o "$work/pattern.test" . || { echo '[build failed]'; exit 1; }
    go test -vet=off -failfast -timeout 5m ./syntax ./match &&
      "$work/pattern.test" -test.failfast -test.timeout 5m -test.skip "$slow" &&
      "$work/pattern.test" -test.failfast -test.timeout 5m -test.run "$slow" -test.skip '^TestFaultsApply$'
  ) >"$log" 2>&1
}

# caught_by lists the tests that failed; subtests stand for themselves.
caught_by() {
  local names
  names="$(sed -n 's/^ *--- FAIL: \([^ ]*\).*/\1/p' "$log" | sort -u | paste -sd ' ')"
  [ -n "$names" ] || names="$(grep -m 1 -E '^(panic|fatal error): ' "$log" || true)"
  printf '%s\n' "$names"
}

if ! run_tests; then
  cat "$log" >&2
  printf 'faults: the tests are red without any fault\n' >&2
  exit 1
fi

bad=0
for patch in "${patches[@]}"; do
  name="$(basename "$patch" .patch)"
  if ! git -C "$tree" apply <"$patch"; then
    printf 'STALE     %s: the patch does not apply\n' "$name"
    bad=$((bad + 1))
    continue
  fi
  if run_tests; then
    printf 'SURVIVED  %s\n' "$name"
    bad=$((bad + 1))
  elif grep -qF '[build failed]' "$log"; then
    printf 'BROKEN    %s: it does not compile\n' "$name"
    bad=$((bad + 1))
  elif by="$(caught_by)" && [ -n "$by" ]; then
    printf 'caught    %s: %s\n' "$name" "$by"
  else
    # Killed from outside, or out of memory: no test has said anything.
    printf 'UNCLEAR   %s: the tests ended without a red one\n' "$name"
    tail -n 5 "$log"
    bad=$((bad + 1))
  fi
  git -C "$tree" checkout --quiet .
done

printf '%d faults, %d of them not caught\n' "${#patches[@]}" "$bad"
[ "$bad" -eq 0 ]
