#!/usr/bin/env bash
# Puts the monitorctl of a release into $RUNNER_TEMP: that of $VERSION, or of the tag that
# the action was asked for by ($REF). Says found=true when it did. Without a release, as at
# a branch or a commit, it says found=false, and the next steps build from the sources.
#
# The archive must have the SHA-256 that $SHA256 names, or else the one of the release's
# own checksums.txt and a provenance of the release workflow, which gh checks. A wrong one
# ends the job: nothing is built in its place.
set -euo pipefail

repository=monitorctl/monitorctl

fail() { printf '::error title=monitorctl::%s\n' "$*"; exit 1; }
found() { printf 'found=%s\n' "$1" >>"$GITHUB_OUTPUT"; exit 0; }

digest() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

tag="${VERSION:-$REF}"
if ! [[ "$tag" =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  [ -z "$VERSION" ] || fail "version $VERSION: a tag of a release, such as v1.2.3, is expected"
  found false
fi

case "$RUNNER_OS" in
  Linux) os=linux ending=tar.gz ;;
  macOS) os=darwin ending=tar.gz ;;
  Windows) os=windows ending=zip ;;
  *) fail "there is no release for $RUNNER_OS" ;;
esac
case "$RUNNER_ARCH" in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) fail "there is no release for $RUNNER_ARCH" ;;
esac

archive="monitorctl_${tag#v}_${os}_${arch}.$ending"
dir="$RUNNER_TEMP/monitorctl-release"
rm -rf "$dir"
mkdir -p "$dir"
if ! gh release download "$tag" --repo "$repository" --dir "$dir" --pattern "$archive" --pattern checksums.txt; then
  if [ -n "$VERSION$SHA256" ]; then fail "release $tag has no $archive, or cannot be read"; fi
  printf 'There is no release %s to download: monitorctl is built from the sources.\n' "$tag"
  found false
fi

have="$(digest "$dir/$archive")"
want="$SHA256"
if [ -z "$want" ]; then
  want="$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$dir/checksums.txt")"
  gh attestation verify "$dir/$archive" --repo "$repository" >/dev/null ||
    fail "$archive has no provenance of the release workflow of $repository"
fi
[ "$have" = "$want" ] || fail "$archive has the SHA-256 $have, and ${want:-none} is expected"

if [ "$ending" = zip ]; then
  unzip -q -o "$dir/$archive" monitorctl.exe -d "$RUNNER_TEMP"
else
  tar xzf "$dir/$archive" -C "$RUNNER_TEMP" monitorctl
fi
found true
