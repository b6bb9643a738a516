#!/bin/bash
# gossipctl genkey and pubkey.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

umask 0
expect 0 "$GOSSIPCTL" genkey a.key
umask 022
[ ! -s out ] || fail "genkey printed something: $(cat out)"
[ "$(stat -c %a a.key)" = 600 ] || fail "the key has mode $(stat -c %a a.key)"
grep -qE '^[A-Za-z0-9+/]{43}=$' a.key || fail "not 44 characters of base64"
cp a.key before
expect 1 "$GOSSIPCTL" genkey a.key
says "a key is never overwritten" err
cmp -s a.key before || fail "the key was overwritten"
expect 0 "$GOSSIPCTL" genkey b.key
cmp -s a.key b.key && fail "two keys are the same"
expect 1 "$GOSSIPCTL" genkey nowhere/c.key
says "nowhere/c.key: No such file or directory" err

# A known pair: RFC 7748, section 6.1 (Alice).
(umask 077 && echo dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo= >alice.key)
expect 0 "$GOSSIPCTL" pubkey alice.key
[ "$(cat out)" = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=" ] || fail "another public key: $(cat out)"
expect 0 "$GOSSIPCTL" pubkey alice.key --json
[ "$(cat out)" = '{"public_key":"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="}' ] || fail "json: $(cat out)"

for mode in 640 604 660; do
    chmod "$mode" a.key
    expect 78 "$GOSSIPCTL" pubkey a.key
    says "chmod 600 a.key" err
done
expect 78 "$GOSSIPCTL" pubkey missing.key
says "missing.key: No such file" err
mkdir folder
expect 78 "$GOSSIPCTL" pubkey folder
says "folder: a folder" err
(umask 077 && head -c 40 alice.key >short.key && tr d '*' <alice.key >odd.key && head -c 5000 /dev/zero >big.key)
for file in short odd big; do
    expect 78 "$GOSSIPCTL" pubkey "$file.key"
    says "$file.key: " err
    grep -qF "$(cut -c 1-20 <alice.key)" err && fail "a private key was printed"
done
expect 78 "$GOSSIPCTL" pubkey short.key
says "gossipctl genkey FILE" err
exit 0
