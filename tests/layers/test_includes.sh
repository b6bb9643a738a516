#!/bin/bash
# The tree keeps to its layers and rooms, and a tree that does not is found out.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$here/../..
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

of_order() { awk -f "$here/order.awk" -f <(echo "BEGIN { print $1 }"); }
read -ra layers < <(of_order layers)
read -ra rooms < <(of_order rooms)

expect() {
    if [[ $2 != "$3" ]]; then
        echo "FAILED: $1: expected $2, got $3"
        failures=$((failures + 1))
    fi
}

is_room() { [[ " ${rooms[*]} " == *" $1 "* ]]; }

# A small clean tree: each layer uses itself, and all that it may of the layers before it.
mkdir -p "$scratch"/clean/{lib/gossip,daemon,tools/ctl,proto}
cd "$scratch/clean"
known=()
for layer in "${layers[@]}"; do
    mkdir "lib/$layer"
    echo '#include <gossip/base.h>' >"lib/$layer/own.h"
    known+=("#include \"$layer/own.h\"")
    if is_room "$layer"; then
        echo '#include <stdint.h>' | tee "lib/$layer/$layer.h" >"lib/$layer/inside.h"
        known+=('#include "inside.h"' "#include \"$layer/inside.h\"" "#include \"$layer/$layer.h\"")
    fi
    if ! is_room "$layer" || [[ $layer == session ]]; then
        echo '#include <stdint.h>' >"lib/gossip/$layer.h"
        known+=("#include <gossip/$layer.h>")
    fi
    printf '%s\n' "${known[@]}" >"lib/$layer/own.c"
    if is_room "$layer"; then # the others see its door, and what is public
        keep=()
        for line in "${known[@]}"; do
            [[ $line == *inside.h* || $line == *"\"$layer/own.h"* ]] || keep+=("$line")
        done
        known=("${keep[@]}")
    fi
done
echo '#include <cblas.h>' >lib/data/matrix.c
echo '#include "peer.pb-c.h"' >lib/wire/peer.c
printf '#include <uv.h>\n#include <gossip/session.h>\n' >daemon/main.c
printf '#include <gossip/report.h>\n#include "daemon/main.h"\n' >tools/ctl/main.c
touch daemon/main.h tools/ctl/own.h
mkdir lib/worker # which stands apart
echo '#include <stdint.h>' >lib/gossip/worker.h
printf '#include <%s>\n' gossip/worker.h sys/socket.h >lib/worker/own.c
echo '#include "worker.pb-c.h"' | tee lib/worker/inside.h >lib/wire/worker.c
cd "$scratch"
expect "the clean tree" "" "$("$here/check_includes" clean 2>&1 || true)"

# planted FILE LINE WORDS: LINE at the end of FILE is to be refused, by a message with its place and WORDS. The check is
# run once for all that was planted, at the end.
cp -r clean tree
wanted=()
planted() {
    local lines
    echo "$2" >>"tree/$1"
    mapfile -t lines <"tree/$1"
    wanted+=("$1:${#lines[@]}: $3")
}

# No layer knows one after it.
for ((i = 0; i < ${#layers[@]}; i++)); do
    for ((j = i + 1; j < ${#layers[@]}; j++)); do
        planted "lib/${layers[i]}/own.c" "#include \"${layers[j]}/own.h\"" \
            "${layers[i]} must not know lib/${layers[j]}/own.h"
    done
done
planted lib/base/own.c '#include <gossip/algo.h>' 'base must not know lib/gossip/algo.h'
planted lib/gossip/config.h '#include <gossip/session.h>' 'config must not know lib/gossip/session.h'
planted lib/data/own.h '  #  include "../wire/own.h"' 'data must not know lib/wire/own.h'
planted lib/store/own.c $'\t#\tinclude <gossip/session.h>' 'store must not know lib/gossip/session.h'
planted lib/session/own.c '#include "daemon/main.h"' 'session must not know daemon/main.h'

# No room knows the door of one after it, and nobody what is inside another.
for room in "${rooms[@]}"; do
    above=no
    for other in "${rooms[@]}"; do
        if [[ $other == "$room" ]]; then
            above=yes
        elif [[ $above == yes ]]; then
            planted "lib/$room/own.c" "#include \"$other/$other.h\"" "$room must not know lib/$other/$other.h"
            planted "lib/$room/inside.h" "#include \"$other/inside.h\"" "$room must not know lib/$other/inside.h"
        else
            planted "lib/$room/own.c" "#include \"$other/inside.h\"" "what is inside $other is not for $room"
            planted "lib/$room/$room.h" "#include \"../$other/own.h\"" "what is inside $other is not for $room"
        fi
    done
    planted lib/host/own.h "#include \"$room/$room.h\"" "host must not know lib/$room/$room.h"
    planted lib/report/own.c "#include \"$room/inside.h\"" "what is inside $room is not for report"
    planted daemon/main.c "#include \"$room/$room.h\"" 'public headers'
done
planted lib/run/own.c '#include "./../exchange//inside.h"' 'what is inside exchange is not for run'
planted lib/run/own.c '#include "run/../exchange/./inside.h"' 'what is inside exchange is not for run'
planted lib/run/own.c '#include "lib/exchange/inside.h"' 'what is inside exchange is not for run'

# Libraries and the system.
planted lib/algo/own.c '#include <time.h>' 'algo must not include time.h'
planted lib/data/own.c '#include <unistd.h>' 'data must not include unistd.h'
planted lib/session/own.c '#include <uv.h>' 'session must not include uv.h'
planted lib/run/own.c '#include <pthread.h>' 'run must not include pthread.h'
planted lib/session/own.c '#include <cblas.h>' 'session must not include cblas.h'
planted lib/rumours/own.c '#include HEADER' 'rumours must not include'
planted lib/session/own.c '#include <protobuf-c/protobuf-c.h>' 'session must not include protobuf-c'
planted lib/session/own.c '#include "proto/peer.pb-c.h"' 'proto/peer.pb-c.h is for wire alone'
planted lib/report/own.c '#include "control.pb-c.h"' 'control.pb-c.h is for wire alone'
planted lib/wire/own.c '#include <gossip/nothing.h>' 'there is no gossip/nothing.h'

# What stands apart.
planted lib/worker/own.c '#include <gossip/base.h>' 'worker stands apart and must not know lib/gossip/base.h'
planted lib/worker/inside.h '#include "wire/own.h"' 'worker stands apart and must not know lib/wire/own.h'
planted lib/worker/own.c '#include <uv.h>' 'worker must not include uv.h'
planted lib/report/own.c '#include <gossip/worker.h>' 'worker stands apart'
planted lib/wire/own.c '#include "worker/inside.h"' 'worker stands apart'
planted daemon/main.c '#include <gossip/worker.h>' 'worker stands apart'

# Programs.
planted daemon/main.c '#include "session/inside.h"' 'public headers'
planted daemon/main.c '#include "base/../run/inside.h"' 'public headers'
planted daemon/main.c '#include "tools/ctl/own.h"' 'daemon must not know tools/ctl/own.h'
planted tools/ctl/main.c '#include <protobuf-c/protobuf-c.h>' 'protobuf-c is for wire alone'

# A folder that has no place in the order.
mkdir tree/lib/attic
planted lib/attic/own.c '#include <gossip/base.h>' 'no layer of lib/ is called attic'

declare -A said=()
while IFS= read -r line; do said[${line%%: *}]=${line#*: }; done < <("$here/check_includes" tree)
expect "complaints" "${#wanted[@]}" "${#said[@]}"
for want in "${wanted[@]}"; do
    place=${want%%: *}
    [[ ${said[$place]-} == *"${want#*: }"* ]] || expect "a complaint" "$want" "$place: ${said[$place]-nothing}"
done

# One line is enough.
echo '#include "run/inside.h"' >>clean/lib/rumours/own.c
for folder in clean clean/daemon; do # the other is no root of a project
    status=0
    "$here/check_includes" "$folder" >/dev/null 2>&1 || status=$?
    expect "exit in $folder" 1 "$status"
done

"$here/check_includes" "$root" || failures=$((failures + 1))
exit $((failures > 0))
