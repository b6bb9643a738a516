#!/bin/bash
# The tree keeps to its layers, and a tree that does not is found out.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$here/../..
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

expect() {
    if [[ $2 != "$3" ]]; then
        echo "FAILED: $1: expected $2, got $3"
        failures=$((failures + 1))
    fi
}

# planted FILE LINE WORD: a small clean tree with LINE in FILE is refused, by a message with FILE and WORD.
planted() {
    rm -rf "${scratch:?}"/*
    mkdir -p "$scratch"/{lib/{gossip,base,config,algo,data,wire,store,session,report},daemon,tools/ctl,proto}
    local layer
    for layer in base config algo data wire store session report; do
        echo '#include <stdint.h>' >"$scratch/lib/gossip/$layer.h"
        printf '#include "%s/own.h"\n#include <gossip/%s.h>\n' "$layer" "$layer" >"$scratch/lib/$layer/own.c"
        echo '#include <gossip/base.h>' >"$scratch/lib/$layer/own.h"
    done
    echo '#include <cblas.h>' >"$scratch/lib/data/matrix.c"
    echo '#include "peer.pb-c.h"' >"$scratch/lib/wire/peer.c"
    printf '#include <uv.h>\n#include <gossip/session.h>\n' >"$scratch/daemon/main.c"
    printf '#include <gossip/report.h>\n#include "daemon/main.h"\n' >"$scratch/tools/ctl/main.c"
    touch "$scratch/daemon/main.h" "$scratch/tools/ctl/own.h"
    expect "clean tree, for $1" "" "$("$here/check_includes" "$scratch" 2>&1 || true)"

    echo "$2" >>"$scratch/$1"
    local said status=0
    said=$("$here/check_includes" "$scratch" 2>&1) || status=$?
    expect "exit with '$2' in $1" 1 "$status"
    expect "$1 named for '$2'" yes "$(grep -q "^$1:[0-9]*: .*$3" <<<"$said" && echo yes || echo "no: $said")"
}

planted lib/base/own.c '#include <gossip/algo.h>' 'base must not know lib/gossip/algo.h'
planted lib/gossip/config.h '#include <gossip/session.h>' 'config must not know'
planted lib/algo/own.c '#include "session/own.h"' 'algo must not know lib/session/own.h'
planted lib/data/own.h '  #  include "../wire/own.h"' 'data must not know lib/wire/own.h'
planted lib/store/own.c '#include <gossip/session.h>' 'store must not know lib/gossip/session.h'
planted lib/session/own.c '#include "daemon/main.h"' 'session must not know daemon/main.h'
planted lib/algo/own.c '#include <time.h>' 'algo must not include time.h'
planted lib/data/own.c '#include <unistd.h>' 'data must not include unistd.h'
planted lib/session/own.c '#include <uv.h>' 'session must not include uv.h'
planted lib/session/own.c '#include <pthread.h>' 'session must not include pthread.h'
planted lib/session/own.c '#include <cblas.h>' 'session must not include cblas.h'
planted lib/session/own.c '#include <protobuf-c/protobuf-c.h>' 'session must not include protobuf-c'
planted lib/session/own.c '#include "proto/peer.pb-c.h"' 'proto/peer.pb-c.h is for wire alone'
planted lib/report/own.c '#include "control.pb-c.h"' 'control.pb-c.h is for wire alone'
planted daemon/main.c '#include "session/own.h"' 'public headers'
planted daemon/main.c '#include "tools/ctl/own.h"' 'daemon must not know tools/ctl/own.h'
planted tools/ctl/main.c '#include <protobuf-c/protobuf-c.h>' 'protobuf-c is for wire alone'
planted lib/wire/own.c '#include <gossip/nothing.h>' 'there is no gossip/nothing.h'

status=0
"$here/check_includes" "$scratch/daemon" >/dev/null 2>&1 || status=$?
expect "an empty tree" 1 "$status"

"$here/check_includes" "$root" || failures=$((failures + 1))
exit $((failures > 0))
