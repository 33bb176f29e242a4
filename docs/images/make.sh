#!/usr/bin/env bash
# Makes docs/images/demo.png. A test with two browsers takes the picture right after one person has dragged a bar and the other
# sees it move. Needs what that test needs: Node.js with npm, and Chromium.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
SYNC_REQUIRE_ALL=1 dotnet test --project tests/EndToEnd \
    --filter-method '*.See_a_bar_move_that_one_of_them_drags_with_all_that_depends_on_it'
cp -- artifacts/screenshots/after-a-drag.png docs/images/demo.png
