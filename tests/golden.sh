#!/bin/bash
# gossip-sim golden: our core against trajectories of the paper authors' own code, and proof that it can fail.
source=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$source/lib.sh"

count=0
for folder in "$source"/golden/*/; do
    expect 0 "$GOSSIP_SIM" golden "$folder" --tolerance 1e-9
    printf '%-28s %s\n' "$(basename "$folder")" "$(cat out)"
    # Far better than asked for: a term that is wrong in the 12th digit would still pass at 1e-9.
    expect 0 "$GOSSIP_SIM" golden "$folder" --tolerance 1e-12
    count=$((count + 1))
done
[ "$count" -eq 19 ] || fail "$count cases, not 19"

# copy_of CASE: a writable copy in case/.
copy_of() {
    rm -rf case
    cp -r "$source/golden/$1" case
    chmod -R u+w case
}

# broken CASE FILE SED: with that edit the replay must fail, and say where.
broken() {
    copy_of "$1"
    sed -i "$3" "case/$2"
    cmp -s "case/$2" "$source/golden/$1/$2" && fail "$3 changes nothing in $1/$2"
    expect 1 "$GOSSIP_SIM" golden case --tolerance 1e-9
    says "beyond the tolerance of 1e-09" err
    says "at iteration" err
}

for name in linear_ring5_full_q3 logistic_torus9_top_q3 relu_ring5_qsgd3_q3; do
    broken "$name" params.json 's/"gamma": *0.3/"gamma": 0.3000001/'
    broken "$name" params.json 's/"reg": *0.001/"reg": 0.001001/'
done
broken linear_ring5_full_q3 params.json 's/"Q": *3/"Q": 2/'
broken logistic_torus9_top_q3 params.json 's/"k": *4/"k": 5/'
broken relu_ring5_qsgd3_q3 params.json 's/"task": *"relu"/"task": "linear"/'

# The final z and s, and the losses, are compared too.
for file in Z.npy S.npy loss.npy x0.npy; do
    copy_of linear_ring5_full_q3
    printf '\x40' | dd of=case/$file bs=1 seek=135 conv=notrunc status=none
    expect 1 "$GOSSIP_SIM" golden case
done

# ---- what is no case is refused as data, not called a difference ----

# refused WORDS...: the case in case/ is no case, and these are what says so.
refused() {
    local words
    expect 78 "$GOSSIP_SIM" golden case
    for words in "$@"; do says "$words" err; done
}

# edited CASE FILE SED WORDS...: with that edit it is refused.
edited() {
    copy_of "$1"
    sed -i "$3" "case/$2"
    cmp -s "case/$2" "$source/golden/$1/$2" && fail "$3 changes nothing in $1/$2"
    refused "${@:4}"
}

# put FILE INDEX VALUE: that number of an npy file, counted from 0, becomes VALUE.
put() {
    perl -e 'print pack("d<", $ARGV[0])' -- "$3" | dd of="case/$1" bs=8 seek=$((16 + $2)) conv=notrunc status=none
}

expect 78 "$GOSSIP_SIM" golden "$DIR/nowhere"
says "params.json" err
says "give the folder of a case" err
copy_of linear_ring5_full_q3
expect 78 "$GOSSIP_SIM" golden case/params.json
says "give the folder of a case" err
rm case/y.npy
refused "y.npy" "give the folder of a case"
copy_of linear_ring5_full_q3
head -c 200 "$source/golden/linear_ring5_full_q3/A.npy" >case/A.npy
refused "truncated"

# Uniforms are in [0, 1): what is beyond would index beyond qsgd's levels. The numbers: (60, 5, 12).
for value in -1e6 -30 -2147483648 -1e-300 1 1.0000000000000002 1e300; do
    copy_of relu_ring5_qsgd3_q3
    put unif.npy 0 "$value"
    refused "unif.npy[0, 0, 0] is $(perl -e 'printf "%.17g", shift' -- "$value")" "in [0, 1)"
done
copy_of relu_ring5_qsgd3_q3
put unif.npy $((59 * 60 + 4 * 12 + 11)) 1.5
refused "unif.npy[59, 4, 11] is 1.5"
put unif.npy $((59 * 60 + 4 * 12 + 11)) 0.99999999999999989
put unif.npy 0 -0
"$GOSSIP_SIM" golden case >out 2>err || [ $? -eq 1 ] || fail "uniforms at the ends of [0, 1) are refused: $(cat err)"

# No row of these can be dropped.
for file in W.npy trajectory.npy unif.npy; do
    copy_of relu_ring5_qsgd3_q3
    put $file 1 nan
    refused "$file: row 1, column 2 (from 1) is nan"
    grep -qF "drop the row" err && fail "wrong remedy for $file: $(cat err)"
done

# params.json: which key, what it is, what it must be.
for key in eta gamma reg; do
    edited relu_ring5_qsgd3_q3 params.json "/\"$key\":/d" "params.json: $key is missing" "must be a number"
    for value in '"0.3"' null '[0.3]' true; do
        edited relu_ring5_qsgd3_q3 params.json "s/\"$key\":.*/\"$key\": $value,/" \
            "params.json: $key is $value" "must be a number"
    done
done
for key in n d iterations Q; do
    most=1000000
    [ $key != n ] || most=4096
    edited relu_ring5_qsgd3_q3 params.json "/\"$key\":/d" "params.json: $key is missing" "an integer from 1 to $most"
    for value in 4.0 0 -1 '"4"' $((most + 1)); do
        edited relu_ring5_qsgd3_q3 params.json "s/\"$key\":.*/\"$key\": $value,/" \
            "params.json: $key is $value" "an integer from 1 to $most"
    done
done
edited linear_ring5_full_q3 params.json 's/"task":.*/"task": "softmax",/' 'task is "softmax"' "linear, logistic or relu"
edited linear_ring5_full_q3 params.json '/"compressor":/d' "compressor is missing" "full, top or qsgd"
edited linear_ring5_full_q3 params.json 's/"compressor":.*/"compressor": "sign",/' 'compressor is "sign"' \
    "full, top or qsgd"
long=$(printf '%02000d' 0)
edited linear_ring5_full_q3 params.json "s/\"task\":.*/\"task\": [1, \"$long\"],/" 'task is [1,"...;' \
    "linear, logistic or relu"
for value in 17 0 3.0 null; do
    edited relu_ring5_qsgd3_q3 params.json "s/\"bits\":.*/\"bits\": $value,/" "params.json: bits is $value" \
        "an integer from 1 to 16"
done
for value in 12 0 null; do
    edited linear_torus9_top_q1 params.json "s/\"k\":.*/\"k\": $value,/" "params.json: k is $value" \
        "an integer from 1 to 11, which is d"
done

# partition.json: which node, which row. The ranges: 0, 11, 22, 33, 44, 58.
rows() { edited relu_ring5_qsgd3_q3 partition.json "$@"; }
rows 's/\[22, 33\]/[23, 33]/' "node 3" "[23,33]" "begin at 22"
rows 's/\[22, 33\]/[22, 22]/' "node 3" "[22,22]" "end from 23 to 56"
rows 's/\[22, 33\]/[22, 57]/' "node 3" "[22,57]" "end from 23 to 56"
rows 's/\[22, 33\]/[22]/' "node 3" "[22]"
rows 's/\[22, 33\]/[22, 33, 34]/' "node 3" "[22,33,34]"
rows 's/\[22, 33\]/7/' "node 3 are 7"
rows 's/\[0, 11\]/[null, 11]/' "node 1" "[null,11]" "begin at 0"
rows 's/44, 58/44, 57/' "node 5" "[44,57]" "end at 58"
rows 's/44, 58/44, 59/' "node 5" "[44,59]" "end at 58"
rows 's/, \[44, 58\]//' "rows has 4" "n=5"
rows 's/rows/row/' "rows has 0" "n=5"

# Single precision holds the same numbers: what is replayed is the same as after numpy's astype(float64).
copy_of linear_ring5_full_q3
narrow() {
    perl -0777 -e 'binmode STDIN; binmode STDOUT; my ($out) = @ARGV; $_ = <STDIN>;
        my $head = substr($_, 0, 128); my @values = unpack("f<*", pack("f<*", unpack("d<*", substr($_, 128))));
        $head =~ s/<f8/$out/; print $head, pack($out eq "<f4" ? "f<*" : "d<*", @values)' "$1"
}
for type in "<f4" "<f8"; do
    narrow "$type" <"$source/golden/linear_ring5_full_q3/A.npy" >case/A.npy
    expect 1 "$GOSSIP_SIM" golden case
    mv out "out$type"
done
cmp "out<f4" "out<f8" || fail "A.npy of float32 is replayed in another precision: $(cat "out<f4" "out<f8")"

expect 64 "$GOSSIP_SIM" golden
expect 64 "$GOSSIP_SIM" golden case --tolerance x
expect 0 "$GOSSIP_SIM" golden --help
for words in 64 78 "bits 1 to 16" "k 1 to d" "Q 1 to 1000000"; do says "$words" out; done
