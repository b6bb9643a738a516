#!/bin/bash
# The manual pages are clean mdoc, and tell of everything: gossipctl's is made of its tables, the others are written.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

expect 0 "$GOSSIPCTL" help --manual
mv out page
cmp -s page "$BUILD/doc/gossipctl.1" || fail "doc/gossipctl.1 was not made of this program"
commands=$("$GOSSIPCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
keys=$(grep -ohE '\.key = "[A-Za-z0-9_]+"' "$TESTS"/../lib/config/*.c | sed 's/.*"\(.*\)"/\1/' | sort -u)
[ "$(wc -w <<<"$keys")" -ge 30 ] || fail "the tables of keys were not found: $keys"
for word in $commands $keys; do
    grep -qE "^\.(Ss|It Cm) $word( |\\\\|\$)" page || fail "the manual page does not tell of $word"
done

# Every option that --help tells of.
for program in gossipd gossip-sim; do
    tr -d "\\" <"$(echo "$TESTS/.."/doc/$program.[18])" >page.$program
    { "$BUILD/$program" --help && "$BUILD/$program" run --help; } 2>/dev/null | grep -oE -- '--[a-z-]+' | sort -u >options
    [[ -s options ]] || fail "$program --help tells of no options"
    while read -r option; do
        grep -qE "Fl (-?[a-z] , Fl )?-${option#--}( |$)" page.$program || fail "the page of $program does not tell of $option"
    done <options
done

command -v mandoc >/dev/null || exit 0
mandoc -Tlint -Wstyle page "$TESTS"/../doc/*.[18] >faults || true
if grep -v 'referenced manual not found' faults; then fail "mandoc finds fault with a manual page"; fi
