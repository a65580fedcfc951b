#!/usr/bin/env bash
# Holds a running server against one of its descriptions: requests generated from it, good and bad, and every check of schemathesis on the
# answers.
#
#   HABEO_TOKEN=… tests/contract/hold.sh http://127.0.0.1:8080/v1/openapi.json [NAME=VALUE…]
#
# Each NAME=VALUE is a parameter of paths that is always this: where a tenant is named that the token is for.
#
# HABEO_TEST_EXAMPLES   how many requests per operation and phase at most (default 25)
# HABEO_TEST_SEED       from which number they are generated (default 1); a failure names the requests by themselves
# HABEO_TEST_RATE       how many requests a second at most (default 10): an address may not fail to sign in as often as it likes
#
# Needs python3 with venv. What it installs stays in target/contract.
set -euo pipefail

SCHEMATHESIS="schemathesis==4.32.5"

if [ $# -lt 1 ]; then
  echo "usage: $0 URL [NAME=VALUE...]" >&2
  exit 2
fi
document="$1"
shift
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${CARGO_TARGET_DIR:-$here/../../target}/contract"
venv="$cache/properties"
mkdir -p "$cache"
# Two may come at once.
exec 9> "$cache/.properties"
flock 9
# A half-made environment must not count as made: the mark is written last and names the version.
if [ "$(cat "$venv/.made" 2>/dev/null || true)" != "$SCHEMATHESIS" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$SCHEMATHESIS"
  echo "$SCHEMATHESIS" > "$venv/.made"
fi
flock -u 9
venv="$(cd "$venv" && pwd)"

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
if [ $# -gt 0 ]; then
  echo "[parameters]" > "$place/schemathesis.toml"
  for parameter in "$@"; do
    printf '"path.%s" = "%s"\n' "${parameter%%=*}" "${parameter#*=}" >> "$place/schemathesis.toml"
  done
fi
cat "$here/schemathesis.toml" >> "$place/schemathesis.toml"

cd "$place"
# One worker: Python 3.11 cannot parse in two threads at once ("AST constructor recursion depth mismatch"), and the rate is the bound anyway.
"$venv/bin/schemathesis" --config-file "$place/schemathesis.toml" run "$document" \
  --header "Authorization: Bearer $HABEO_TOKEN" \
  --checks all \
  --max-examples "${HABEO_TEST_EXAMPLES:-25}" \
  --seed "${HABEO_TEST_SEED:-1}" \
  --request-timeout 20 \
  --workers 1 \
  --rate-limit "${HABEO_TEST_RATE:-10}/s" \
  --generation-database none \
  --warnings off \
  --no-color
