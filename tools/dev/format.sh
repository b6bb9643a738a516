#!/bin/bash
# format: bring all C files into the form that lint checks
source tools/dev/common.sh

need "${LINT_PACKAGES[@]}"
git ls-files -co --exclude-standard -z '*.c' '*.h' | xargs -0 clang-format -i
