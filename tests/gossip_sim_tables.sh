#!/bin/bash
# Files as people have them: each line of tests/data/tables/expected.txt, and pairs of files that belong together.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

cp "$TESTS"/data/tables/* .
run() { "$GOSSIP_SIM" run rounds=5 --nodes 2 --topology complete "$@" >out 2>&1 || result=$?; }

count=0
while IFS='|' read -r file keys settings code text; do
    [[ $file == \#* ]] && continue
    read -r file <<<"$file"
    read -r keys <<<"$keys"
    read -ra settings <<<"$settings"
    result=0
    run "${settings[@]}" --data "train=$file,test=$file${keys:+,$keys}"
    [ "$result" -eq "$code" ] || fail "$file $keys: exit code $result, not $code: $(cat out)"
    grep -qF -- "${text# }" out || fail "$file $keys: it does not say '${text# }': $(cat out)"
    count=$((count + 1))
done <expected.txt
[ "$count" -gt 30 ] || fail "only $count files were looked at"

result=0
run --data train=features.csv,labels=labels_names.txt
[ "$result" -eq 0 ] || fail "labels that are names: $(cat out)"
run --data train=wider_test_train.svm,test=wider_test_test.svm
[ "$result" -eq 78 ] || fail "a test file that is wider: $(cat out)"
says "features=N in --data" out
result=0
run --data train=wider_test_train.svm,test=wider_test_test.svm,features=7
[ "$result" -eq 0 ] || fail "with the width given: $(cat out)"
