#!/usr/bin/env bash
# Lists functions that main does not reach, but for those of scripts/deadcode.txt and of
# the accounts that tests run against. It fails when there are any, and when the list has
# one that is reached or gone.
set -euo pipefail
cd "$(dirname "$0")/.."
# Paths are internal/a/b/file.go:LINE:COL: unreachable func: Name.
found="$(go run golang.org/x/tools/cmd/deadcode@v0.51.0 . |
  grep -vE '^internal/(awstest|azuretest)/' |
  sed -E 's#^([^:]*/)?([^/:]+)/[^/:]+:[0-9]+:[0-9]+: unreachable func: #\2.#' | sort)"
kept="$(grep -v '^#' scripts/deadcode.txt | cut -f1 | sort)"
if ! diff <(printf '%s\n' "$kept") <(printf '%s\n' "$found"); then
  echo "unreached functions (>) that scripts/deadcode.txt does not list, or listed ones (<) that are reached: delete them" >&2
  exit 1
fi
