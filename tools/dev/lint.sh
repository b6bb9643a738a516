#!/bin/bash
# lint: check form (clang-format), lengths, shell scripts (shellcheck) and the C code (cppcheck, clang-tidy)
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}" "${LINT_PACKAGES[@]}"
build_in build # generated headers, and the flags the compiler gets

LONGEST_FILE=450
failed=()
check() {
    local name=$1
    shift
    say "lint: $name"
    "$@" || failed+=("$name")
}

mapfile -t c_files < <(git ls-files -co --exclude-standard '*.c' '*.h')
mapfile -t sources < <(git ls-files -co --exclude-standard '*.c')
mapfile -t scripts < <(git ls-files -co --exclude-standard | xargs grep -lE '^#!.*\b(ba|)sh\b' --)

lengths() {
    awk -v longest="$LONGEST_FILE" '
        FNR > longest { long[FILENAME] = FNR }
        END { for (file in long) { print file ": " long[file] " lines; split it, " longest " is the most"; bad = 1 }; exit bad }
    ' "$@"
}

# The preprocessor flags of the makefile, one set for programs and tests alike, with absolute paths.
# shellcheck disable=SC2016 # make expands these
print_flags='print-flags:;@:$(info $(DEFS) $(TEST_CPPFLAGS) $(CHECK_CFLAGS) $(UV_CFLAGS))'
flags=()
eval "flags=(-I'$PWD/build' -I'$PWD' $(make -s -C build --no-print-directory top_srcdir="$PWD" top_builddir="$PWD/build" \
    --eval="$print_flags" print-flags))"
for i in "${!flags[@]}"; do
    [[ ${flags[i]} == -[DIU]* ]] || unset "flags[i]" # cppcheck knows no others
done
own_flags=() # generated headers are beyond cppcheck
for flag in "${flags[@]}"; do
    [[ $flag == -I*/proto ]] || own_flags+=("$flag")
done

# One line a finding; clang-tidy itself tells the path that leads to it, run on that file alone.
tidy() {
    printf '%s\0' "${sources[@]}" |
        xargs -0 -P "$(nproc)" -I FILE clang-tidy --quiet FILE -- -std=gnu11 "${flags[@]}" 2>/dev/null |
        { grep -E ': (error|warning): ' || true; }
}

static_check() {
    cppcheck --quiet -j "$(nproc)" --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --std=c11 --library=posix --suppressions-list=tools/dev/cppcheck.txt "${own_flags[@]}" "${sources[@]}"
}

check clang-format clang-format --dry-run -Werror "${c_files[@]}"
check lengths lengths "${c_files[@]}" "${scripts[@]}"
check shellcheck shellcheck -x -P SCRIPTDIR "${scripts[@]}"
check cppcheck static_check
check clang-tidy tidy
[[ ${#failed[@]} -eq 0 ]] || die "lint failed: ${failed[*]}"
