#!/bin/bash
# What the rooms of lib/ share is small, and a room's own struct is nobody else's; a tree where it is not is found out.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$here/../..
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
# members N: that many, of a line each.
members() {
    local i
    for ((i = 1; i <= $1; i++)); do echo "    int m$i; /* one; of, many { */"; done
}
plant() {
    mkdir -p "$(dirname "$scratch/$1")"
    cat >"$scratch/$1"
}
# said: what the check says of the planted tree, with its exit code.
said() {
    local code=0
    "$here/check_structs" "$scratch" >"$scratch/out" 2>&1 || code=$?
    echo "$([[ $code -eq 0 ]] || echo refused) $(cat "$scratch/out")"
}
# counts N FILE TEXT: a struct with this between its braces, in FILE, counts N members. It stands on line 3, which 15 -
# N more keep silent and 16 - N do not.
counts() {
    local more got
    for more in $((15 - $1)) $((16 - $1)); do
        plant "$2" < <(
            printf '/* struct gsp__no { */\n#define STRUCT struct gsp__no {\n'
            printf 'struct gsp__it {\n%s\n' "$3"
            members "$more"
            echo '};'
        )
        got=$(said)
        if [[ $more -eq $((15 - $1)) ]]; then
            [[ $got == " " ]] || fail "'$3' in $2 should count $1, but: $got"
        else
            [[ $got == "refused $2:3: struct gsp__it has 16 members,"* ]] || fail "'$3' in $2 should count $1, but: $got"
        fi
    done
    rm "$scratch/$2"
}

# A room with a large struct of its own, and one that is shared.
{
    echo 'struct gsp__run {'
    members 40
    echo '};'
} | plant lib/run/inside.h
echo 'struct gsp__model { int x; };' | plant lib/run/run.h
got=$(said)
[[ $got == " " ]] || fail "the clean tree: $got"

# How members are counted, wherever rooms read them.
for door in lib/exchange/exchange.h lib/gossip/session.h lib/host/job.h lib/gossip/host.h; do counts 1 "$door" 'int a;'; done
counts 0 lib/host/host.h ''
counts 3 lib/host/host.h 'int a, *b, c[4];'
counts 2 lib/host/host.h $'const struct gsp__run *a;\n    int b : 3;'
counts 1 lib/host/host.h 'int (*call)(void *context, int more, int (*less)(int a, int b));'
counts 1 lib/host/host.h 'char text[sizeof(struct { int a, b; })];'
counts 1 lib/host/host.h 'enum { RED, GREEN } color;'
counts 1 lib/host/host.h 'enum color { RED, GREEN }; int a;'
counts 1 lib/host/host.h 'struct { int a, b, c; } named;'
counts 2 lib/host/host.h $'struct {\n        union { int a; long b; } named;\n        int c;\n    };'
counts 3 lib/host/host.h 'union { int a; struct { int b; int c; }; };'

# Without a tag, too, and after another on the same page.
{
    echo 'struct gsp__small { int a; };'
    echo 'typedef struct {'
    members 16
    echo '} gsp__large;'
} | plant lib/exchange/exchange.h
got=$(said)
[[ $got == "refused lib/exchange/exchange.h:2: struct has 16 members,"* ]] || fail "a struct without a tag: $got"
rm "$scratch/lib/exchange/exchange.h"

# A definition written once more is a way to read another's struct.
printf '#include <stdint.h>\n\nstruct gsp__run { int m1; };\n' | plant lib/rumours/stop.c
got=$(said)
[[ $got == "refused lib/rumours/stop.c:3: struct gsp__run is the struct of run (lib/run/inside.h:1),"* ]] ||
    fail "a struct written once more: $got"
# To name it, point to it or make one of those that are shared is none.
printf 'struct gsp__run;\nstruct gsp__run *f(struct gsp__run *run)\n{\n    return run;\n}\nstruct gsp__model m = {0};\n' |
    plant lib/rumours/stop.c
got=$(said)
[[ $got == " " ]] || fail "a struct that is only pointed to: $got"

rm -r "${scratch:?}/lib/run"
got=$(said)
[[ $got == "refused no structs found"* ]] || fail "a tree without rooms: $got"

"$here/check_structs" "$root" || failures=$((failures + 1))
exit $((failures > 0))
