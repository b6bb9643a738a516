#!/bin/bash
# What `make install` puts down is enough for a user: a program compiles by pkg-config's flags, links and runs, every
# function of the headers is in the library, and no internal name is.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "FAILED: $*"
    exit 1
}

# The functions that a header declares.
declared() { grep -oE '\bgsp_[a-z0-9_]+\(' | tr -d '(' | sort -u; }

# Not the outer make's job server and options.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "${abs_top_builddir:?the build folder}" install DESTDIR="$scratch" \
    >"$scratch/log" 2>&1 || { cat "$scratch/log" && fail "make install"; }

pc=$(find "$scratch" -name libgossip.pc)
[[ -n $pc ]] || fail "no libgossip.pc is installed"
prefix=$scratch$(pkg-config --variable=prefix "$pc")
flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --define-variable=prefix="$prefix" --cflags --libs libgossip)

# shellcheck disable=SC2086 # lists of words
${CC:-cc} -std=gnu11 -Wall -Werror ${GSP_CFLAGS:-} -o "$scratch/program" "$here/program.c" $flags || fail "compiling"
library=$(find "$scratch" -name libgossip.so)
says=$(LD_LIBRARY_PATH=$(dirname "$library") "$scratch/program") || fail "the program ended with $?"
[[ $says == "9 nodes, omega 0.1, safe gamma "* ]] || fail "the program said: $says"

for header in "$prefix"/include/gossip/*.h; do
    echo "#include <gossip/${header##*/}>" >"$scratch/alone.c"
    # shellcheck disable=SC2086
    ${CC:-cc} -std=gnu11 -Wall -Werror -fsyntax-only "$scratch/alone.c" $flags || fail "$header does not stand alone"
done

# shellcheck disable=SC2086
${NM:-nm} -D --defined-only "$library" | awk '$2 == "T" { print $3 }' | grep '^gsp_' | sort >"$scratch/exported"
if grep '^gsp__' "$scratch/exported"; then fail "internal names are exported"; fi
find "$prefix/include/gossip" -name '*.h' ! -name worker.h -exec cat {} + | declared >"$scratch/declared"
[[ $(wc -l <"$scratch/declared") -gt 50 ]] || fail "hardly any function is declared"
missing=$(comm -23 "$scratch/declared" "$scratch/exported")
[[ -z $missing ]] || fail "declared in a public header, but not in the library: $missing"

# The library for workers stands alone: what it exports is its header, and it needs two libraries.
worker=$(find "$scratch" -name libgossip-worker.so)
${NM:-nm} -D --defined-only "$worker" | awk '$2 == "T" { print $3 }' | grep -v '^_' | sort >"$scratch/exported"
declared <"$prefix/include/gossip/worker.h" >"$scratch/declared"
diff "$scratch/declared" "$scratch/exported" || fail "libgossip-worker exports something else than its header declares"
flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --define-variable=prefix="$prefix" --cflags --libs libgossip-worker)
# shellcheck disable=SC2086
${CC:-cc} -std=gnu11 -Wall -Werror ${GSP_CFLAGS:-} -o "$scratch/linear" "$here/../../lib/worker/examples/linear.c" $flags -lm ||
    fail "compiling a worker"
echo 1,2 >"$scratch/shard.csv"
says=$(env -u GOSSIPD_WORKER LD_LIBRARY_PATH="$(dirname "$worker")" "$scratch/linear" --shard "$scratch/shard.csv" 2>&1) || true
[[ $says == *"GOSSIPD_WORKER is not set"* ]] || fail "a worker without a daemon said: $says"
needs=$(readelf -d "$worker" | sed -n 's/.*NEEDED.*\[\(lib[a-z-]*\)\.so.*/\1/p' | grep -E 'blas|libuv|gossip$|zip|jansson') || true
[[ -z $needs ]] || fail "libgossip-worker needs $needs"

for program in gossipd gossipctl gossip-sim; do
    find "$prefix/bin" -name $program | grep -q . || fail "$program is not installed"
done
for page in man1/gossipctl.1 man1/gossip-sim.1 man8/gossipd.8; do
    find "$prefix" -path "*/$page" | grep -q . || fail "$page is not installed"
done

# To start the service takes root and a systemd; to check its unit does not.
unit=$prefix/lib/systemd/system/gossipd.service
sed "s|=$(pkg-config --variable=prefix "$pc")/|=$prefix/|" "$unit" >"$scratch/gossipd.service"
if command -v systemd-analyze >/dev/null; then
    systemd-analyze verify --man=no "$scratch/gossipd.service" 2>"$scratch/faults" || true
    grep 'gossipd\.service' "$scratch/faults" && fail "systemd finds fault with gossipd.service"
fi
exit 0
