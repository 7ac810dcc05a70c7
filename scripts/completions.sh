#!/usr/bin/env bash
# Writes the completion scripts and the packed man pages of a release into a folder.
set -euo pipefail
cd "$(dirname "$0")/.."
dir="${1:?a folder}"
rm -rf "$dir"
mkdir -p "$dir/completions" "$dir/man"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$dir/monitorctl" .
for shell in bash zsh fish powershell; do
  "$dir/monitorctl" completion "$shell" >"$dir/completions/monitorctl.${shell/powershell/ps1}"
done
rm "$dir/monitorctl"
for page in docs/man/*.1; do
  gzip -9 -n -c "$page" >"$dir/man/$(basename "$page").gz"
done
