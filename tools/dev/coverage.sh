#!/bin/bash
# coverage: run the tests in build-coverage/ and say which share of the lines they reach, by file
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${COVERAGE_PACKAGES[@]}"
build_in build-coverage --enable-coverage
find build-coverage -name '*.gcda' -delete
make -C build-coverage --no-print-directory -s -j"$(nproc)" check >&2
gcovr --root . --exclude build --exclude tests build-coverage
