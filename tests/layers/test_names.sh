#!/bin/bash
# The code of lib/ names no program that is built on it, and code that does is found out.
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
mkdir -p "$scratch"/{lib/run,daemon,tools/{ctl,sim}}
echo 'bin_PROGRAMS += gossipd' >"$scratch/daemon/module.mk"
echo 'bin_PROGRAMS += gossipctl' >"$scratch/tools/ctl/module.mk"
printf 'bin_PROGRAMS += gossip-sim gossip-plot\nnoinst_PROGRAMS += helper\n' >"$scratch/tools/sim/module.mk"

# planted NAME TEXT: whether the third line of a file, which is TEXT, is refused for the name; NAME is empty if it is not.
planted() {
    local said status=0
    printf '/* Two lines\n * of comment. */\n%s\nint last;\n' "$2" >"$scratch/lib/run/own.c"
    said=$("$here/check_names" "$scratch" 2>&1) || status=$?
    if [[ -z $1 ]]; then
        [[ $status -eq 0 && -z $said ]] || fail "'$2' leads to: $said"
    else
        [[ $status -ne 0 && $said == "lib/run/own.c:3: lib/ must not know the program $1:"* && $said != *$'\n'* ]] ||
            fail "'$2' leads to: $said"
    fi
}
planted gossipctl 'const char *text = "end it with: gossipctl stop";'
planted gossip-sim 'const char *text = "that is for gossip-sim";'
planted gossip-plot '#define PLOT "gossip-plot"'
planted gossipctl 'const char *text = "a /* b"; const char *other = "gossipctl";'
planted gossipctl 'char quote = '\''"'\''; /* " */ const char *text = "gossipctl"; /* " */'
planted gossipctl 'const char *text = "\\\" // gossipctl";'
planted gossipctl '/* a */ int gossipctl; /* b */'
planted '' 'const char *text = "gossipd is shutting down, helper";'
planted '' '/* as gossipctl stop does */ int a; // gossip-sim, too'
planted '' 'int a; /* "gossipctl"'$'\n'' * gossipctl'$'\n''and gossip-sim */ int b;'
planted '' "/* it's */ int a; /* gossipctl's */"

rm "$scratch/lib/run/own.c"
! "$here/check_names" "$scratch" >/dev/null 2>&1 || fail "an empty lib went by"

"$here/check_names" "$root" || failures=$((failures + 1))
exit $((failures > 0))
