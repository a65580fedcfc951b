#!/usr/bin/env bash
# Makes TypeScript runnable by a node that does not run it by itself: the types are taken out, and nothing else is changed.
#
#   tests/contract/erase.sh FILE.ts FOLDER      writes FOLDER/FILE.js
#
# Needs node 20 or newer and npm. What it installs stays in target/contract.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 FILE.ts FOLDER" >&2
  exit 2
fi
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${CARGO_TARGET_DIR:-$here/../../target}/contract/typescript"
mkdir -p "$cache"
# Two tests may come at once.
exec 9> "$cache/.lock"
flock 9
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$cache/"
if ! cmp --silent "$cache/package-lock.json" "$cache/node_modules/.made"; then
  (cd "$cache" && npm ci --silent --no-audit --no-fund && cp package-lock.json node_modules/.made)
fi
"$cache/node_modules/.bin/tsc" --target ES2022 --module NodeNext --moduleResolution NodeNext --strict --types node \
  --typeRoots "$cache/node_modules/@types" --outDir "$2" "$1"
