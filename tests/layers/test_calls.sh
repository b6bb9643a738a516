#!/bin/bash
# No object of lib/ uses what a layer above it defines, and no long circle of files is in one layer; objects that do it
# are found out, even where no include shows it.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

read -ra layers < <(awk -f "$here/order.awk" -f <(echo 'BEGIN { print layers }'))

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
# source_file FILE NAME USED...: a source that defines the function NAME and calls the others, declared by hand.
source_file() {
    local used
    mkdir -p "${1%/*}"
    {
        for used in "${@:3}"; do echo "extern int $used(void);"; done
        echo "int $2(void); int $2(void) { return 0"
        for used in "${@:3}"; do echo " + $used()"; done
        echo ';}'
    } >"$1"
}
# compile FILE...: makes the objects where libtool would.
compile() {
    local file
    for file; do
        mkdir -p "${file%/*}/.libs"
        # shellcheck disable=SC2086 # CC may be a command with options
        ${CC:-cc} -w -O0 -c -o "${file%/*}/.libs/$(basename "$file" .c).o" "$file"
    done
}
# circle LENGTH: so many files of one layer, each of which calls the next, and the last the first.
circle() {
    local i
    for ((i = 0; i < $1; i++)); do source_file "lib/run/circle$i.c" "circle$i" "circle$(((i + 1) % $1))"; done
    compile lib/run/circle*.c
}
# refused WHAT WORDS...: the check fails and says all these.
refused() {
    local said words
    if said=$("$here/check_calls" . .); then fail "$1 went by"; fi
    for words in "${@:2}"; do
        [[ $said == *"$words"* ]] || fail "$1: '$words' is missing in: $said"
    done
}

# Each layer calls all before it, and a circle of three.
cd "$scratch"
below=()
for layer in "${layers[@]}"; do
    source_file "lib/$layer/own.c" "own_$layer" "${below[@]}"
    below+=("own_$layer")
done
compile lib/*/own.c
circle 3
said=$("$here/check_calls" . .) || fail "the clean objects are refused: $said"

# Each layer calls one after it, all at once.
wanted=()
for ((i = 0; i + 1 < ${#layers[@]}; i++)); do
    above=()
    for over in "${layers[@]:i+1}"; do
        above+=("own_$over")
        wanted+=("lib/${layers[i]}/up.c: ${layers[i]} must not use own_$over, which is in lib/$over/own.c")
    done
    source_file "lib/${layers[i]}/up.c" "up_${layers[i]}" "${above[@]}"
done
compile lib/*/up.c
refused "calls of layers above" "${wanted[@]}"
find . -name 'up.*' -delete

# One line is enough, and other uses than calls are uses.
echo 'int gsp__secret = 1;' >lib/run/secret.c
echo 'extern int gsp__secret; int *peek(void); int *peek(void) { return &gsp__secret; }' >lib/exchange/up.c
compile lib/run/secret.c lib/exchange/up.c
refused "a variable of a room above" 'lib/exchange/up.c: exchange must not use gsp__secret, which is in lib/run/secret.c'
echo 'extern int own_session(void); int (*const table[])(void) = {own_session};' >lib/exchange/up.c
compile lib/exchange/up.c
refused "an address in a table" 'exchange must not use own_session'
find . -name 'up.*' -delete

# The schemas belong to wire.
source_file proto/schema.c schema own_run
compile proto/schema.c
refused "a schema that calls a room" 'wire must not use own_run'
rm -r proto

# What stands apart uses the schemas, and nothing else; nothing uses it.
source_file proto/schema.c schema
source_file lib/worker/own.c own_worker schema
compile proto/schema.c lib/worker/own.c
"$here/check_calls" . . || fail "a library apart may use the schemas"
source_file lib/worker/up.c up_worker own_base
source_file lib/report/up.c up_report own_worker
compile lib/worker/up.c lib/report/up.c
refused "a library apart" 'worker stands apart and must not use own_base' 'report must not use own_worker'
rm -r proto lib/worker
find . -name 'up.*' -delete

# A folder that has no place in the order.
source_file lib/attic/own.c own_attic own_base
compile lib/attic/own.c
refused "an unknown layer" 'no layer of lib/ is called attic'
source_file lib/report/attic.c attic own_attic
compile lib/report/attic.c
refused "a call of an unknown layer" 'report must not use own_attic'
rm -r lib/attic lib/report/attic.c

# Circles.
rm lib/run/circle*.c
circle 4
refused "a circle of four" 'run: 4 files use each other in a circle' lib/run/circle{0,1,2,3}.c
rm lib/run/circle*.c
for ((i = 0; i < 4; i++)); do source_file "lib/run/circle$i.c" "circle$i" "circle$((i > 0 ? i - 1 : 1))" "circle$((i < 3 ? i + 1 : 2))"; done
compile lib/run/circle*.c
refused "four files, each in a circle with its neighbour" 'run: 4 files use each other in a circle'
rm lib/run/circle*.c

# What was not built cannot be checked.
echo 'int unbuilt;' >lib/run/unbuilt.c
refused "a source without an object" 'lib/run/unbuilt.c: there is no object of it'
rm -r lib
refused "an empty folder" 'no objects found'

"$here/check_calls" "${abs_top_srcdir:?the sources}" "${abs_top_builddir:?the build folder}" || failures=$((failures + 1))
exit $((failures > 0))
