#!/bin/sh
# Waits until the app answers and reaches its storage: /api/health is 200 then. After a first deployment that can take some
# minutes, because role assignments are not known everywhere at once.
set -eu

: "${SYNC_API:?an output of the deployment: azd sets it}"

tries_max=40
tries=0
until curl --fail --silent --show-error --max-time 20 "$SYNC_API/health" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge "$tries_max" ]; then
        echo "$SYNC_API/health does not answer 200 after ten minutes. docs/operations.md, 'After a deployment', says where to look." >&2
        exit 1
    fi
    sleep 15
done
echo "$SYNC_API/health: 200"
