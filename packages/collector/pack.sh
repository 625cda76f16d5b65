#!/usr/bin/env bash
# Makes the build context of the collector's image in the given folder: the image's Dockerfile, and app/
# with the sources and their installed production dependencies. Node strips no types under node_modules,
# so app/ keeps the shape of the workspace.
# Usage: pack.sh FOLDER
set -euo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: pack.sh FOLDER" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
context=$1
app=$context/app

rm -rf "$app"
mkdir -p "$app/packages"
cp "$root/images/collector/Dockerfile" "$context/"
cp "$root"/{package.json,pnpm-workspace.yaml,pnpm-lock.yaml} "$app/"
for package in contract collector; do
  mkdir "$app/packages/$package"
  cp -r "$root/packages/$package"/{package.json,src} "$app/packages/$package/"
done
find "$app/packages" -name '*.test.ts' -delete

install() {
  (cd "$app" && pnpm install --prod --frozen-lockfile --filter 'collector...' --reporter=silent "$1")
}
install --offline || install --prefer-offline

# What only development needs, and the font's faces that no chart uses.
modules=$app/node_modules/.pnpm
find "$modules" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete
find "$modules" -path '*/@expo-google-fonts/inter/[0-9]*' -type d \
  ! -name 400Regular ! -name 600SemiBold -prune -exec rm -r {} +
