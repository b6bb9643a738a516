#!/bin/bash
# Every relative link in the documents leads to a file or folder that is there.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
failures=0
links=0
while IFS=: read -r file target; do
    case $target in http*://* | mailto:* | '#'*) continue ;; esac
    links=$((links + 1))
    if [[ ! -e $(dirname "$file")/${target%%#*} ]]; then
        echo "FAILED: $file links to $target, which is not there"
        failures=$((failures + 1))
    fi
done < <(find ./*.md doc deploy tests -name '*.md' -print0 |
    xargs -0 grep -oHE '\]\([^) ]+\)' | sed -E 's/\]\((.*)\)$/\1/')
[[ $links -gt 5 ]] || { echo "FAILED: only $links links found" && exit 1; }
exit $((failures > 0))
