#!/bin/sh
# Waits until the app answers and reaches its storage, that is, until /api/health answers 200. After a first deployment
# that can take some minutes, because role assignments propagate slowly.
set -eu

: "${SYNC_API:?an output of the deployment: azd sets it}"

tries_max=40
tries=0
until curl --fail --silent --show-error --max-time 20 "$SYNC_API/health" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge "$tries_max" ]; then
        echo "$SYNC_API/health did not answer 200 within ten minutes. See docs/operations.md, 'After a deployment'." >&2
        exit 1
    fi
    sleep 15
done
echo "$SYNC_API/health: 200"
