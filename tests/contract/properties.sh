#!/usr/bin/env bash
# Holds a server against its own descriptions of `/api/v1` and `/v1`, as `hold.sh` does.
#
#   tests/contract/properties.sh [HABEO]      the binary to try; by default target/release/habeo, else target/debug/habeo
#
# HABEO_TEST_EXAMPLES   how many requests per operation and phase at most (default 25)
# HABEO_TEST_SEED       from which number they are generated (default 1); a failure names the requests by themselves
#
# The server is started here, on the sandbox in a folder that is removed, with rates that no run meets. Needs python3 with venv and curl. What
# it installs stays in target/contract.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
habeo="${1:-$target/release/habeo}"
[ -x "$habeo" ] || habeo="$target/debug/habeo"

place="$(mktemp -d)"
server=""
leave() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$place"
}
trap leave EXIT

export HABEO_DATA_DIR="$place/data" HABEO_LISTEN="127.0.0.1:0" HABEO_LOG=warn
HABEO_RATE_LIMIT_API=1000000 HABEO_RATE_LIMIT_API_BURST=1000000 HABEO_RATE_LIMIT_WEBHOOKS=1000000 HABEO_RATE_LIMIT_WEBHOOKS_BURST=1000000 \
  "$habeo" serve > "$place/said" 2> "$place/log" &
server=$!
origin=""
for _ in $(seq 600); do
  origin="$(sed -n 's/^Habeo answers at \(http:[^ ]*\).*/\1/p' "$place/said")"
  [ -z "$origin" ] || break
  kill -0 "$server" 2>/dev/null || { cat "$place/log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$origin" ] || { echo "the server does not say where it listens" >&2; exit 1; }
token="$("$habeo" token)"

# Calls that change something are made as well: the sandbox is there for that. No faster than an address may fail to sign in, which many of the
# calls do on purpose.
HABEO_TOKEN="$token" "$root/tests/contract/hold.sh" "$origin/api/v1/openapi.json"
key="$("$habeo" key create --scope control:webhooks --scope events:write | grep -o 'wa_test_[A-Za-z0-9_-]*' | head -n 1)"
HABEO_TOKEN="$key" "$root/tests/contract/hold.sh" "$origin/v1/openapi.json"
if grep -q '"\?level"\?[:=]"\?ERROR\|ERROR' "$place/log"; then
  echo "the server's log has errors:" >&2
  grep 'ERROR' "$place/log" >&2
  exit 1
fi
