#!/bin/bash
# Put mongosh into FOLDER/mongosh, once; node comes from Debian where there is none.
set -euo pipefail
FOLDER=${1:?usage: install_mongosh.sh FOLDER}
VERSION=2.12.0
MONGOSH=$FOLDER/mongosh/node_modules/.bin/mongosh

if [ -x "$MONGOSH" ] && [ "$("$MONGOSH" --version)" = "$VERSION" ]; then
  exit 0
fi
if ! command -v npm >/dev/null; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "mongosh needs node and npm: sudo apt-get install -y --no-install-recommends nodejs npm" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm
fi
mkdir -p "$FOLDER/mongosh"
npm install --silent --no-fund --no-audit --prefix "$FOLDER/mongosh" "mongosh@$VERSION"
"$MONGOSH" --version
