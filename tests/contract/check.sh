#!/usr/bin/env bash
# Checks a published OpenAPI document with tools that are not ours.
#
#   tests/contract/check.sh http://127.0.0.1:8080/api/v1/openapi.json     a running server
#   tests/contract/check.sh some/openapi.json                             a file
#   tests/contract/check.sh http://127.0.0.1:8080/v1/openapi.json control.ts
#
# 1. openapi-spec-validator accepts it.
# 2. openapi-typescript generates types, and client.ts, or another client that is named, compiles against them under tsc --strict.
# 3. With HABEO_URL (an origin, without a path) and HABEO_TOKEN set, the compiled client runs.
#
# Needs python3 with venv, node 20 or newer, npm and curl. What it installs stays in target/contract.
set -euo pipefail

VALIDATOR="openapi-spec-validator==0.9.0"

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: $0 URL_OR_FILE [CLIENT]" >&2
  exit 2
fi
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${CARGO_TARGET_DIR:-$here/../../target}/contract"
mkdir -p "$cache/client"
cache="$(cd "$cache" && pwd)"
written="${2:-client.ts}"
document="$cache/openapi.json"
# One at a time: they share what was installed, and the document.
exec 9> "$cache/.check"
flock 9

case "$1" in
  http://* | https://*) curl --fail --silent --show-error --max-time 30 --output "$document" "$1" ;;
  *) [ "$1" -ef "$document" ] || cp -- "$1" "$document" ;;
esac

echo "== $VALIDATOR"
venv="$cache/venv"
# A half-made environment must not count as made: the mark is written last and names the version.
if [ "$(cat "$venv/.made" 2>/dev/null || true)" != "$VALIDATOR" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$VALIDATOR"
  echo "$VALIDATOR" > "$venv/.made"
fi
"$venv/bin/openapi-spec-validator" --schema 3.1 "$document"

echo "== types and client"
client="$cache/client"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$here/tsconfig.json" "$client/"
cp "$here/$written" "$client/client.ts"
cd "$client"
if ! cmp --silent package-lock.json node_modules/.made; then
  npm ci --silent --no-audit --no-fund
  cp package-lock.json node_modules/.made
fi
npx --no-install openapi-typescript "$document" --output schema.d.ts
npx --no-install tsc --project tsconfig.json --outDir out
echo "$written compiles"

if [ -n "${HABEO_URL:-}" ] && [ -n "${HABEO_TOKEN:-}" ]; then
  echo "== client against $HABEO_URL"
  node out/client.js
else
  echo "HABEO_URL and HABEO_TOKEN are not both set: the client was compiled and not run"
fi
