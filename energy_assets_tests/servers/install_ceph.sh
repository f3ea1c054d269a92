#!/bin/bash
# The Debian packages of the smallest Ceph with its S3 gateway, where they are missing.
set -euo pipefail
PACKAGES="ceph-mon ceph-osd radosgw ceph-common"

missing=0
for program in ceph-mon ceph-osd radosgw radosgw-admin ceph; do
  command -v "$program" >/dev/null || missing=1
done
[ "$missing" -eq 1 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "A real S3 server needs: sudo apt-get install -y --no-install-recommends $PACKAGES" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $PACKAGES
