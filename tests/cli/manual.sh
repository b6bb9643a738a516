#!/bin/bash
# The manual page, made of the tables, is clean mdoc and tells of everything.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

expect 0 "$GOSSIPCTL" help --manual
mv out page
cmp -s page "$BUILD/doc/gossipctl.1" || fail "doc/gossipctl.1 was not made of this program"
for word in init check start stop status peers dump health Endpoint PrivateKey gossip_steps; do
    grep -qE "^\.(Ss|It Cm) $word" page || fail "the manual page does not tell of $word"
done
command -v mandoc >/dev/null || exit 0
mandoc -Tlint -Wstyle page || fail "mandoc finds fault with the manual page"
