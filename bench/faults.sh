#!/usr/bin/env bash
# What is under a server goes away while it records: PostgreSQL, the disk. Takes root, and PostgreSQL's own programs; the cluster, the
# file system and the processes are this script's own, on loopback, and gone afterwards.
#
#   bench/faults.sh [postgres|disk]…      without a name: all of them
set -euo pipefail
cd "$(dirname "$0")/.."

bench="$PWD/target/release/habeo-bench"
habeo="$PWD/target/release/habeo"
work=$(mktemp -d)
chmod 755 "$work"
trap 'clean' EXIT

clean() {
    [ -e "$work/cluster/postmaster.pid" ] && as_postgres "$programs/pg_ctl" -s -D "$work/cluster" -m immediate stop || true
    mountpoint -q "$work/disk" && umount "$work/disk" || true
    rm -rf "$work"
}

as_postgres() { runuser -u postgres -- "$@"; }

# Five times PostgreSQL is ended without a checkpoint, and recovers, under eight clients that record.
postgres() {
    programs=$(pg_config --bindir 2>/dev/null || dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
    local port=54329
    install -d -o postgres "$work/cluster"
    as_postgres "$programs/initdb" -D "$work/cluster" -U postgres --auth=trust >/dev/null
    as_postgres "$programs/pg_ctl" -s -w -D "$work/cluster" -l "$work/cluster/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/cluster" start
    "$bench" drill outage --engine postgres --url "postgres://postgres@127.0.0.1:$port/postgres" --habeo "$habeo" \
        --outage "runuser -u postgres -- $programs/pg_ctl -s -w -m immediate -D $work/cluster -l $work/cluster/log restart"
    as_postgres "$programs/pg_ctl" -s -w -D "$work/cluster" -m fast stop
}

# The disk is full for two seconds, five times.
disk() {
    mkdir "$work/disk"
    mount -t tmpfs -o size=96m habeo-faults "$work/disk"
    "$bench" drill outage --engine sqlite --dir "$work/disk" --habeo "$habeo" \
        --outage "cat /dev/zero > $work/disk/filler 2>/dev/null; sleep 2; rm $work/disk/filler"
    umount "$work/disk"
}

for fault in "${@:-postgres disk}"; do
    for one in $fault; do
        echo "== $one"
        "$one"
    done
done
