#!/bin/bash
# The objects of libgossip call nothing but what is known to be pure, and an object that does is found out.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# planted NAME HEADER STATEMENT: an object with this call is refused, by name.
planted() {
    printf '#include <%s>\nvoid f(void);\nvoid f(void) { %s; }\n' "$2" "$3" >"$scratch/planted.c"
    # shellcheck disable=SC2086 # CC may be a command with options
    ${CC:-cc} -w -O0 -c -o "$scratch/planted.o" "$scratch/planted.c"
    local said
    if said=$("$here/check_symbols" "$scratch/planted.o") || [[ $said != *"calls $1,"* ]]; then
        echo "FAILED: a call of $1 went by: $said"
        failures=$((failures + 1))
    fi
}

planted fopen stdio.h 'fopen("a", "r")'
planted open fcntl.h 'open("a", 0)'
planted read unistd.h 'read(0, 0, 0)'
planted socket sys/socket.h 'socket(0, 0, 0)'
planted time time.h 'time(0)'
planted clock_gettime time.h 'clock_gettime(0, 0)'
planted gettimeofday sys/time.h 'gettimeofday(0, 0)'
planted rand stdlib.h 'rand()'
planted getrandom sys/random.h 'getrandom(0, 0, 0)'
planted getenv stdlib.h 'getenv("HOME")'
planted setlocale locale.h 'setlocale(0, "")'
planted pthread_create pthread.h 'pthread_create(0, 0, 0, 0)'
planted printf stdio.h 'printf("%d", 1)'
planted puts stdio.h 'puts("a")'
planted stderr stdio.h 'extern void *volatile p; p = stderr'
planted randombytes_buf sodium.h 'randombytes_buf(0, 0)'
planted sodium_init sodium.h 'sodium_init()'
planted crypto_box_keypair sodium.h 'crypto_box_keypair(0, 0)'
planted zip_open zip.h 'zip_open("a", 0, 0)'
planted json_load_file jansson.h 'json_load_file("a", 0, 0)'
planted uv_hrtime uv.h 'uv_hrtime()'
planted strange_new_thing stdio.h 'void strange_new_thing(void); strange_new_thing()'

printf '#include <string.h>\nvoid *f(void *a, void *b, size_t n) { return memmove(a, b, n); }\n' >"$scratch/pure.c"
${CC:-cc} -w -O0 -c -o "$scratch/pure.o" "$scratch/pure.c"
"$here/check_symbols" "$scratch/pure.o" || failures=$((failures + 1))
if "$here/check_symbols" "$scratch/missing.o" >/dev/null; then
    echo "FAILED: a missing object went by"
    failures=$((failures + 1))
fi

"$here/check_symbols" "${abs_top_builddir:?the build folder}/.libs/libgossip-core.a" || failures=$((failures + 1))
exit $((failures > 0))
