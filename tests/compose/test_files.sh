#!/bin/bash
# The compose files are such that docker compose and docker-compose read them (those that are here are asked), and
# each node gets its own folder and its own key.
set -euo pipefail

folder=${abs_top_srcdir:?is set by make check}/deploy/compose
nodes=(n001 n002 n003 n004 n005 n006 n007 n008 n009)
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

if grep -nE '^(name|version) *:' "$folder/compose.yaml" "$folder/prepare.yaml"; then
    fail "top-level name and version are not understood, or complained about, by one tool or the other"
fi
found=$(grep -oE '^  n[0-9]+:$' "$folder/compose.yaml" | tr -d ' :' | sort -u | tr '\n' ' ')
[[ $found == "${nodes[*]} " ]] || fail "compose.yaml has the services $found"
for node in "${nodes[@]}"; do
    service=$(sed -n "/^  $node:\$/,/^\$/p" "$folder/compose.yaml" | tr '\n' ' ')
    for part in "/$node:/etc/gossipd:ro\"" "\"$node:/var/lib/gossipd\"" "{source: $node.key, target: gossipd.key}"; do
        [[ $service == *"$part"* ]] || fail "service $node: no $part"
    done
    grep -qF "  $node.key: {file: \"\${GOSSIP_NETWORK:-./network}/keys/$node.key\"}" "$folder/compose.yaml" ||
        fail "compose.yaml: no secret $node.key"
done

tools=()
if docker compose version >/dev/null 2>&1; then tools+=("docker compose"); fi
if command -v docker-compose >/dev/null; then tools+=(docker-compose); fi
for tool in "${tools[@]}"; do
    for file in compose.yaml prepare.yaml; do
        # The words of a tool are to be split.
        # shellcheck disable=SC2086
        if ! $tool -f "$folder/$file" config -q; then fail "$tool does not accept $file"; fi
    done
done
echo "asked: ${tools[*]:-no compose tool is here}"
exit $((failures > 0))
