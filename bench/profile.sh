#!/usr/bin/env bash
# Where the time of a scan over HTTP goes: samples of the release binary's stacks under load, and which part of them lies in what. Takes `perf`
# (Debian: linux-perf) and `wrk`.
#
#   bench/profile.sh [folder]      a folder that `habeo-bench seed --engine sqlite --dir …` has made; by default bench-data/10k
set -euo pipefail
cd "$(dirname "$0")/.."

data=${1:-bench-data/10k}
work=$(mktemp -d)
# Settings of invented databases: the key is 32 zero bytes, as everywhere in the benchmarks.
settings=(HABEO_DATA_DIR="$data" HABEO_SANDBOX=false HABEO_MASTER_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= HABEO_LISTEN=127.0.0.1:8097
    HABEO_LOG=warn HABEO_RATE_LIMIT_API=6000000 HABEO_RATE_LIMIT_API_BURST=6000000)
token=$(env -i "${settings[@]}" target/release/habeo token --org bench --person user_bench_admin)
env -i "${settings[@]}" target/release/habeo serve >/dev/null &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$work"' EXIT
until curl -sf -o /dev/null http://127.0.0.1:8097/readyz; do sleep 0.1; done
tag=$(curl -s -H "Authorization: Bearer $token" "http://127.0.0.1:8097/api/v1/assets?limit=1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"][0]["tag"])')

perf record --call-graph dwarf,16384 -F 199 -p $server -o "$work/samples" -- \
    wrk -t1 -c8 -d"${SECONDS_OF_LOAD:-6}s" -H "Authorization: Bearer $token" "http://127.0.0.1:8097/api/v1/scan/$tag" 2>/dev/null | grep Requests
perf script -i "$work/samples" --no-inline -F comm,ip,sym > "$work/stacks" 2>/dev/null
python3 - "$work/stacks" <<'PY'
import re
import sys

PARTS = {
    "authentication": r"habeo_surface::(token|caller)|Caller as poem_openapi",
    "rate limit": r"habeo_surface::limit|rate_key",
    "tenancy (scope and rights)": r"unit::scope|habeo_core::session",
    "SQLite's thread": r"^sqlx-sqlite",
    "the handler, waiting excluded": r"habeo_mobile_api",
    "JSON": r"serde_json|ToJSON",
}
stacks = [stack for stack in open(sys.argv[1]).read().split("\n\n") if stack.strip()]
for name, pattern in PARTS.items():
    count = sum(bool(re.search(pattern, stack)) for stack in stacks)
    print(f"{name:32} {100 * count / len(stacks):5.1f} %")
three = re.compile("|".join(list(PARTS.values())[:3]))
share = 100 * sum(bool(three.search(stack)) for stack in stacks) / len(stacks)
print(f"{'the first three together':32} {share:5.1f} %  of {len(stacks)} samples (expected: 10 at most)")
sys.exit(share > 10)
PY
