# Adds up automake's .trs files to one line: "N passed, N failed". A program that used the check library counts each
# of its cases, as its log says ("100%: Checks: 12, Failures: 0, Errors: 0"); any other test counts once.
FNR == 1 {
    log_file = FILENAME
    sub(/\.trs$/, ".log", log_file)
    cases = bad = 0
    while ((getline line < log_file) > 0) {
        if (match(line, /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/)) {
            split(line, word, /[:,]? /)
            cases += word[3]
            bad += word[5] + word[7]
        }
    }
    close(log_file)
}
/^:global-test-result:/ {
    if ($2 == "PASS" || $2 == "XFAIL") {
        passed += cases > bad ? cases - bad : 1
        failed += bad
    } else if ($2 == "SKIP") {
        skipped++
    } else {
        passed += cases - bad
        failed += bad > 0 ? bad : 1
    }
}
END {
    printf "%d passed, %d failed", passed, failed
    if (skipped) printf ", %d skipped", skipped
    print ""
}
