#!/bin/bash
# Debian's InfluxDB 1.6, and the Flux compiler in FOLDER/flux-lsp, where they are missing.
set -euo pipefail
FOLDER=${1:?usage: install_influx.sh FOLDER}
CHECKER=@influxdata/flux-lsp-node
VERSION=0.8.40

if [ ! -x /usr/bin/influxd ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need: sudo apt-get install -y --no-install-recommends influxdb" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends influxdb
fi
if ! grep -qs "\"version\": \"$VERSION\"" "$FOLDER/flux-lsp/node_modules/$CHECKER/package.json"; then
  mkdir -p "$FOLDER/flux-lsp"
  npm install --silent --no-fund --no-audit --prefix "$FOLDER/flux-lsp" "$CHECKER@$VERSION"
fi
