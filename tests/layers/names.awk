# Reads the sources of lib/. Prints each line of code, text in quotes included, that names a program which is built on
# it, and exits 1 if there was one. `programs` is a list of them. Follows code.awk. See check_names.
BEGIN {
    count = split(programs, program, " ")
}
FNR == 1 {
    in_comment = 0
}
{
    clean = code($0)
    for (i = 1; i <= count; i++) {
        if (!index(clean, program[i])) continue
        print FILENAME ":" FNR ": lib/ must not know the program " program[i] ": what a user types comes in as words"
        bad = 1
    }
}
END {
    if (!NR || !count) {
        print "nothing to read: is this the root of the project?"
        exit 1
    }
    exit bad
}
