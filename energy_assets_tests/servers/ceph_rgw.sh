#!/bin/bash
# Run a command beside a real S3 server: ceph_rgw.sh COMMAND…
#
# Starts one Ceph monitor, one store in memory and the S3 gateway in a temporary directory on free
# ports of the loopback, names them in S3_TEST_ENDPOINT, S3_TEST_ACCESS_KEY and S3_TEST_SECRET_KEY,
# runs the command, stops what it started, and ends with the command's exit status.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND…" >&2; exit 2; }

DIR=$(mktemp -d)
STARTED=()

stop() { # the newest first: each daemon says goodbye to those it depends on
  for pid in "${STARTED[@]}"; do
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$DIR"
}
trap stop EXIT
trap 'exit 130' INT TERM

start() { # NAME COMMAND…: in the background, its output in a log
  local name=$1
  shift
  "$@" >"$DIR/log/$name.out" 2>&1 &
  STARTED=("$!" "${STARTED[@]}")
}

fail() {
  echo "Ceph did not start: $1. Its logs:" >&2
  tail -n 20 "$DIR"/log/* >&2
  exit 1
}

read -r MON_PORT MON_OLD_PORT RGW_PORT < <(python3 - <<'PY'
import socket

listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(listener.getsockname()[1] for listener in listeners))
PY
)
MON="[v2:127.0.0.1:$MON_PORT,v1:127.0.0.1:$MON_OLD_PORT]"
CLUSTER=$(cat /proc/sys/kernel/random/uuid)
OSD=$(cat /proc/sys/kernel/random/uuid)
mkdir -p "$DIR"/{mon,osd,run,log,rgw}

# Without tcp_nodelay a small GET takes 45 ms; without the crc modes radosgw hangs at its start.
cat >"$DIR/ceph.conf" <<CONF
[global]
fsid = $CLUSTER
mon_host = $MON
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_service_mode = crc
ms_mon_cluster_mode = crc
ms_client_mode = crc
ms_service_mode = crc
ms_cluster_mode = crc
keyring = $DIR/keyring
run_dir = $DIR/run
log_file = $DIR/log/\$name.log
admin_socket = $DIR/run/\$name.\$pid.asok
pid_file = $DIR/run/\$name.pid
mon_data = $DIR/mon
osd_data = $DIR/osd
rgw_data = $DIR/rgw
mon_data_avail_warn = 1
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
rgw_dynamic_resharding = false
[client.admin]
rgw_frontends = beast endpoint=127.0.0.1:$RGW_PORT tcp_nodelay=1
rgw_thread_pool_size = 64
CONF
export CEPH_CONF=$DIR/ceph.conf

ceph-authtool --create-keyring "$DIR/keyring" --gen-key -n client.admin \
  --cap mon 'allow *' --cap osd 'allow *' >/dev/null
ceph-authtool "$DIR/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
monmaptool --create --addv a "$MON" --fsid "$CLUSTER" "$DIR/monmap" >/dev/null
ceph-mon --mkfs -i a --monmap "$DIR/monmap" --keyring "$DIR/keyring"
start mon ceph-mon -f -i a
timeout 60 ceph osd new "$OSD" >/dev/null || fail "the monitor does not answer"
ceph-osd -i 0 --mkfs --osd-uuid "$OSD" 2>"$DIR/log/osd-mkfs.out" || fail "the store has no disk"
start osd ceph-osd -f -i 0
start rgw radosgw -f -n client.admin

export S3_TEST_ENDPOINT=http://127.0.0.1:$RGW_PORT
export S3_TEST_ACCESS_KEY=AKTEST
export S3_TEST_SECRET_KEY=SKTESTSECRET
for attempt in $(seq 300); do
  (exec 3<>"/dev/tcp/127.0.0.1/$RGW_PORT") 2>/dev/null && break
  [ "$attempt" -lt 300 ] || fail "the gateway does not listen"
  sleep 0.2
done
timeout 60 radosgw-admin user create --uid=test --display-name=test \
  --access-key="$S3_TEST_ACCESS_KEY" --secret-key="$S3_TEST_SECRET_KEY" >/dev/null \
  || fail "the gateway takes no user"

"$@"
