#!/bin/bash
# common: what the commands of ./dev share; sourced with the repository's root as the working folder.
# shellcheck disable=SC2034 # what is set here is used there
set -euo pipefail

BUILD_PACKAGES=(build-essential autoconf automake libtool pkg-config check jq protobuf-c-compiler libprotobuf-c-dev
    libsodium-dev libopenblas-dev zlib1g-dev libzip-dev libxxhash-dev libjansson-dev libuv1-dev dataset-fashion-mnist)
TEST_PACKAGES=(python3-numpy mandoc)
PLOT_PACKAGES=(gnuplot-nox)
LINT_PACKAGES=(git clang-format clang-tidy cppcheck shellcheck)
COVERAGE_PACKAGES=(gcovr)
ALL_PACKAGES=("${PLOT_PACKAGES[@]}" "${LINT_PACKAGES[@]}" "${COVERAGE_PACKAGES[@]}" python3-torch docker.io docker-compose debootstrap)

# Progress goes to stderr: what a command prints on stdout is its result.
say() {
    if [[ -t 2 ]]; then printf '\033[1m%s\033[0m\n' "$*" >&2; else printf '%s\n' "$*" >&2; fi
}

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# need PACKAGE...: installs those that are missing. Where there is no apt, configure says what it lacks.
need() {
    local missing=() package
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here, so nothing is installed; on Debian 12 these would be needed: $*"
        return
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    local as_root=()
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || die "as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    # The lock's timeout lets two setups take turns.
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=600 update </dev/null >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
        install --no-install-recommends "${missing[@]}" </dev/null >&2
}

# build_in FOLDER [CONFIGURE_OPTION...]: configures and builds there, $MAKE_TARGET or all. CI takes warnings for errors.
build_in() {
    local folder=$1 source=$PWD
    shift
    [[ -z ${CI:-} ]] || set -- --enable-werror "$@"
    (
        # Two commands in one tree take turns. make must not hand the lock on to a process that outlives it.
        exec 9<configure.ac
        flock 9
        if [[ ! -x configure || ! -f Makefile.in ]]; then autoreconf -fi 9<&-; fi
        mkdir -p "$folder"
        if [[ ! -f $folder/Makefile || $(cat "$folder/configured-with" 2>/dev/null) != "options: $*" ]]; then
            (cd "$folder" && "$source/configure" -q "$@" 9<&-)
            echo "options: $*" >"$folder/configured-with"
        fi
        make -C "$folder" --no-print-directory -j"$(nproc)" "${MAKE_TARGET:-all}" 9<&-
    ) >&2
}
