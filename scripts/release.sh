#!/usr/bin/env bash
# What of a release can be made without a network: the configuration as goreleaser reads it,
# builds for Linux and for Windows that are the same bytes from another folder and an empty
# cache, and the Debian package, installed, run and removed. Needs dpkg and root, or sudo
# without a password.
set -euo pipefail
cd "$(dirname "$0")/.."
nfpm_version=v2.43.4
out=dist-files
work="$(mktemp -d)"
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

(cd scripts/goreleaser && go run . ../../.goreleaser.yaml)
echo "release: goreleaser reads .goreleaser.yaml"

# build FOLDER OS ARCH OUTPUT, with stamps as a release has them.
commit=0123456789abcdef0123456789abcdef01234567
date=2026-11-01T00:00:00Z
package=github.com/monitorctl/monitorctl/cmd
build() {
  (
    cd "$1"
    GOOS="$2" GOARCH="$3" CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X $package.version=0.0.0-check -X $package.commit=$commit -X $package.date=$date" -o "$4" .
  )
}

bash scripts/completions.sh "$out"
mkdir "$work/elsewhere"
git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$work/elsewhere"
for platform in linux/amd64 windows/arm64; do
  name="monitorctl-${platform//\//-}"
  build . "${platform%/*}" "${platform#*/}" "$PWD/$out/$name"
  TZ=Asia/Tokyo LC_ALL=C GOCACHE="$work/cache" build "$work/elsewhere" "${platform%/*}" "${platform#*/}" "$work/$name"
  cmp "$out/$name" "$work/$name" || { echo "release: two builds of $platform differ" >&2; exit 1; }
  echo "release: two builds of $platform are the same: $(sha256sum <"$out/$name" | cut -d' ' -f1)"
done

root=()
[ "$(id -u)" = 0 ] || root=(sudo -n)
VERSION=0.0.0~check go run "github.com/goreleaser/nfpm/v2/cmd/nfpm@$nfpm_version" package --config scripts/nfpm.yaml --packager deb --target "$work/monitorctl.deb"
"${root[@]}" dpkg -i "$work/monitorctl.deb" >"$work/dpkg.log"
installed="$(/usr/bin/monitorctl version)"
[[ "$installed" == "monitorctl 0.0.0-check "* ]] || { echo "release: the package has $installed" >&2; exit 1; }
/usr/bin/monitorctl version -o json >"$work/version.json"
for part in '"version": "0.0.0-check"' "\"commit\": \"$commit\"" "\"date\": \"$date\"" '"path": "github.com/spf13/cobra"'; do
  grep -qF "$part" "$work/version.json" || { echo "release: version -o json lacks $part" >&2; exit 1; }
done
/usr/bin/monitorctl demo >"$work/demo.log"
for file in /usr/share/bash-completion/completions/monitorctl /usr/share/man/man1/monitorctl-audit.1.gz /usr/share/doc/monitorctl/copyright; do
  dpkg -L monitorctl | grep -qx "$file" || { echo "release: the package lacks $file" >&2; exit 1; }
done
bash -n /usr/share/bash-completion/completions/monitorctl
"${root[@]}" dpkg -P monitorctl >>"$work/dpkg.log"
if [ -e /usr/bin/monitorctl ]; then echo "release: removing the package leaves the program" >&2; exit 1; fi
rm -rf "$out"
echo "release: the Debian package was installed, run and removed"
