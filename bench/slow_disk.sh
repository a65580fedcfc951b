#!/usr/bin/env bash
# How much many writers gain on disks that take a stated time for each sync: every sync of the process that writes is made to wait first
# (`slow_sync.c`, which takes `cc`). PostgreSQL takes root and its own programs; the cluster is this script's own, on loopback, and gone
# afterwards.
#
#   bench/slow_disk.sh [sqlite|postgres]…      without a name: both
#   MILLISECONDS="1 2 5 10" SECONDS_EACH=10    how long a sync takes, and each of the three parts of a measurement
set -euo pipefail
cd "$(dirname "$0")/.."

bench="${CARGO_TARGET_DIR:-$PWD/target}/release/habeo-bench"
work=$(mktemp -d)
chmod 755 "$work"
trap 'clean' EXIT
missed=0

clean() {
    [ -e "$work/cluster/postmaster.pid" ] && as_postgres "$programs/pg_ctl" -s -D "$work/cluster" -m immediate stop || true
    rm -rf "$work"
}

as_postgres() { runuser -u postgres -- "$@"; }

slowly() {
    local milliseconds=$1
    shift
    env LD_PRELOAD="$work/slow_sync.so" HABEO_SLOW_SYNC_MICROS=$((milliseconds * 1000)) "$@"
}

measured() { "$@" drill writers --assets 10000 --seconds "${SECONDS_EACH:-10}" "${where[@]}" 2>&1 || missed=1; }

sqlite() {
    where=(--engine sqlite --dir "$work/data")
    "$bench" seed --assets 10000 "${where[@]}" >/dev/null
    for milliseconds in ${MILLISECONDS:-1 2 5 10}; do
        echo "-- a sync takes $milliseconds ms"
        measured slowly "$milliseconds" "$bench"
    done
}

postgres() {
    programs=$(pg_config --bindir 2>/dev/null || dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
    local port=54328
    where=(--engine postgres --url "postgres://postgres@127.0.0.1:$port/postgres")
    install -d -o postgres "$work/cluster"
    as_postgres "$programs/initdb" -D "$work/cluster" -U postgres --auth=trust >/dev/null
    cluster_of() {
        as_postgres env "$@" "$programs/pg_ctl" -s -w -D "$work/cluster" -l "$work/cluster/log" \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/cluster" restart
    }
    as_postgres touch "$work/cluster/log"
    cluster_of LANG=C 2>/dev/null
    "$bench" seed --assets 10000 "${where[@]}" >/dev/null
    for milliseconds in ${MILLISECONDS:-1 2 5 10}; do
        cluster_of LD_PRELOAD="$work/slow_sync.so" HABEO_SLOW_SYNC_MICROS=$((milliseconds * 1000))
        echo "-- a sync takes $milliseconds ms"
        measured "$bench"
    done
    as_postgres "$programs/pg_ctl" -s -w -D "$work/cluster" -m fast stop
}

cc -shared -fPIC -O2 -Wall -Wextra -o "$work/slow_sync.so" bench/slow_sync.c
chmod 755 "$work/slow_sync.so"
for engine in "${@:-sqlite postgres}"; do
    for one in $engine; do
        echo "== $one"
        "$one"
    done
done
exit $missed
