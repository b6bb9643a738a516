#!/bin/bash
# gossipctl's command line: help for everything, suggestions, exit codes, and output that cannot be written.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

expect 0 "$GOSSIPCTL" --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' out)
# What --help lists is what the files define.
defined=$(sed -n 's/^const struct ctl_command ctl_\([a-z]*\) = .*/\1/p' "$TESTS"/../tools/ctl/*.c)
[ "$(sort <<<"$commands")" = "$(sort <<<"$defined")" ] || fail "--help lists $commands; the files define $defined"
for command in $commands; do
    expect 0 "$GOSSIPCTL" "$command" --help
    says "usage: gossipctl $command" out
    cp out by_option
    expect 0 "$GOSSIPCTL" help "$command"
    cmp -s out by_option || fail "help $command differs from $command --help"
    awk 'length > 100 { exit 1 }' out || fail "a line of $command --help is longer than 100 characters"
done
expect 0 "$GOSSIPCTL" help start
settings=$(sed -n 's/^    {\.key = "\([a-z0-9_]*\)",$/\1/p' "$TESTS/../lib/config/settings.c")
[ "$(wc -w <<<"$settings")" -ge 18 ] || fail "the table of settings was not found: $settings"
for setting in $settings; do
    grep -q "^  $setting " out || fail "start --help does not explain $setting"
done
kinds=$(grep -hE '^#define GSP__(COMPRESSORS|OBJECTIVES)\(X\)' "$TESTS"/../lib/{algo/coding,data/objective}.h | grep -oE 'X\([a-z]+\)')
[ "$(wc -w <<<"$kinds")" -ge 11 ] || fail "the tables of kinds were not found: $kinds"
for kind in $kinds; do
    kind=${kind//[X()]/}
    grep -qE "^ {20}$kind(\$|[ :[])" out || fail "start --help does not explain $kind"
done

expect 64 "$GOSSIPCTL"
says "which command?" err
expect 64 "$GOSSIPCTL" genkye x
says "did you mean genkey?" err
expect 64 "$GOSSIPCTL" help genkye
says "did you mean genkey?" err
expect 64 "$GOSSIPCTL" --json version
says "--json is given after it" err
expect 64 "$GOSSIPCTL" pubkey -s x y
says "-s SOCKET is given before the command" err
expect 64 "$GOSSIPCTL" init --node 3
says "did you mean --nodes?" err
expect 64 "$GOSSIPCTL" init --nodes 3 --nodes 4
says "--nodes is given twice" err
expect 64 "$GOSSIPCTL" init --sort-labels=yes
says "--sort-labels takes no value" err
expect 64 "$GOSSIPCTL" init --nodes
says "--nodes needs its N" err
expect 64 "$GOSSIPCTL" version now
says "'now' is one word too many" err
expect 64 "$GOSSIPCTL" genkey
expect 64 "$GOSSIPCTL" -s
says "-s needs its SOCKET" err

expect 0 "$GOSSIPCTL" --version
cp out by_option
expect 0 "$GOSSIPCTL" version
cmp -s out by_option || fail "version differs from --version"
expect 0 "$GOSSIPCTL" version --json
grep -qE '^\{"version":"[0-9.]+","protocol":[0-9]+\}$' out || fail "version --json: $(cat out)"
for words in version --help "init --help"; do
    got=0
    # shellcheck disable=SC2086
    "$GOSSIPCTL" $words >/dev/full 2>err || got=$?
    [ "$got" -eq 1 ] || fail "a full disk under '$words' went unnoticed: $got"
    says "writing to standard output failed" err
done
