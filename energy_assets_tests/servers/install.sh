#!/bin/bash
# The real servers and shells that `make test` needs, where they are missing: install.sh VENV
set -euo pipefail
VENV=${1:?usage: install.sh VENV}
HERE=$(dirname "${BASH_SOURCE[0]}")

if [ ! -x "${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}/initdb" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need: sudo apt-get install -y --no-install-recommends postgresql-15" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-15
fi
bash "$HERE/install_mongosh.sh" "$VENV"
bash "$HERE/install_influx.sh" "$VENV"
