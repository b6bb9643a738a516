# Reads two kinds of lines: "file PATH" for each source below the root, then "PATH:LINE:TEXT" for each #include.
# Prints every include that a layer must not have and exits 1 if there was one. Follows order.awk. See check_includes.
BEGIN {
    rank["daemon"] = 100
    rank["tools"] = 101

    # Plain C without a clock, a file, a thread, a locale or randomness.
    plain = "assert.h ctype.h errno.h float.h inttypes.h limits.h math.h stdarg.h stdbool.h stddef.h stdint.h stdio.h " \
        "stdlib.h string.h strings.h endian.h config.h"
    allow(layers, plain)
    # Libraries, by layer.
    allow("base config algo store host transport rumours session", "sodium.h")
    allow("algo data store", "xxhash.h")
    allow("algo data", "cblas.h")
    allow("config", "locale.h")
    allow("data", "zlib.h zip.h sys/mman.h")
    allow("wire", "protobuf-c/protobuf-c.h")
    allow("report", "jansson.h")
    # What stands apart is a program's part: it has the socket, the memory and the waiting.
    allow(apart, plain)
    allow("worker", "sodium.h fcntl.h time.h unistd.h sys/mman.h sys/socket.h sys/stat.h sys/un.h")
}
function allow(layers, headers,    l, h, i, j) {
    split(layers, l, " ")
    split(headers, h, " ")
    for (i in l) for (j in h) allowed[l[i], h[j]] = 1
}
function folder_of(path) {
    return match(path, /.*\//) ? substr(path, 1, RLENGTH) : ""
}
# "a/b/../c" and "a/./c" are a/c
function tidy(path) {
    while (sub(/\/\.?\//, "/", path)) continue
    sub(/^\.\//, "", path)
    while (sub(/[^\/.][^\/]*\/\.\.\//, "", path)) continue
    return path
}
# Where an included file stands in the tree; "" if it is not ours. protoc-c writes proto/*.pb-c.h.
function resolve(from, name,    base) {
    if ((base = tidy(folder_of(from) name)) in exists) return base
    if ((base = tidy("lib/" name)) in exists) return base
    if ((base = tidy(name)) in exists) return base
    if (name ~ /\.pb-c\.h$/) {
        sub(/.*\//, "", name)
        return "proto/" name
    }
    return ""
}
function complain(text) {
    print file ":" line ": " text
    bad = 1
}
$1 == "file" {
    exists[$2] = 1
    next
}
{
    count++
    split($0, field, ":")
    file = field[1]
    line = field[2]
    name = $0
    sub(/^[^<"]*[<"]/, "", name)
    sub(/[>"].*$/, "", name)
    mine = layer_of(file)
    target = resolve(file, name)
    theirs = layer_of(target)
    program = mine == "daemon" || mine == "tools"

    if (!(mine in rank)) complain("no layer of lib/ is called " mine)
    else if (mine in alone && target != "" && theirs != mine && target !~ /^proto\//)
        complain(mine " stands apart and must not know " target)
    else if (theirs in alone && theirs != mine) complain(theirs " stands apart: " target " is for programs of users")
    else if (target ~ /^proto\// && mine != "wire" && !(mine in alone) && !(mine == "talk" && target ~ /worker/))
        complain(target " is for wire alone")
    else if (target != "" && (!(theirs in rank) || rank[theirs] > rank[mine])) complain(mine " must not know " target)
    else if (target ~ /^lib\// && target !~ /^lib\/gossip\// && program)
        complain("programs use libgossip by its public headers, not by " target)
    else if (theirs in room && theirs != mine && target ~ /^lib\// && target !~ /^lib\/gossip\// &&
        target != door_of(theirs)) complain("what is inside " theirs " is not for " mine ": use " door_of(theirs))
    else if (target == "" && name ~ /^gossip\//) complain("there is no " name)
    else if (target == "" && !program && !((mine, name) in allowed)) complain(mine " must not include " name)
    else if (name ~ /^protobuf-c\// && mine != "wire") complain("protobuf-c is for wire alone")
}
END {
    if (!count) {
        print "no includes found: is this the root of the project?"
        exit 1
    }
    exit bad
}
