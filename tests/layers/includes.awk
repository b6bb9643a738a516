# Reads two kinds of lines: "file PATH" for each source below the root, then "PATH:LINE:TEXT" for each #include.
# Prints every include that a layer must not have and exits 1 if there was one. See check_includes.
BEGIN {
    layers = "base config algo data wire store problem host transport exchange run rumours session report"
    split(layers, order, " ")
    for (i in order) rank[order[i]] = i + 0
    rank["daemon"] = 100
    rank["tools"] = 101

    # Plain C without a clock, a file, a thread, a locale or randomness.
    plain = "assert.h ctype.h errno.h float.h inttypes.h limits.h math.h stdarg.h stdbool.h stddef.h stdint.h stdio.h " \
        "stdlib.h string.h strings.h endian.h config.h"
    allow(layers, plain)
    # Libraries, by layer.
    allow("base config algo store host transport rumours session", "sodium.h")
    allow("algo store", "xxhash.h")
    allow("algo data", "cblas.h")
    allow("config", "locale.h")
    allow("data", "zlib.h zip.h sys/mman.h")
    allow("wire", "protobuf-c/protobuf-c.h")
    allow("report", "jansson.h")
    # The rooms of a peer: what is inside one, its struct first of all, is for its own files alone.
    split("transport exchange run rumours session", list, " ")
    for (i in list) room[list[i]] = 1
}
function allow(layers, headers,    l, h, i, j) {
    split(layers, l, " ")
    split(headers, h, " ")
    for (i in l) for (j in h) allowed[l[i], h[j]] = 1
}
# lib/LAYER/..., lib/gossip/LAYER.h, proto/..., daemon/..., tools/...
function layer_of(path,    part) {
    split(path, part, "/")
    if (part[1] == "proto") return "wire"
    if (part[1] != "lib") return part[1]
    if (part[2] != "gossip") return part[2]
    sub(/\.h$/, "", part[3])
    return part[3]
}
function folder_of(path) {
    return match(path, /.*\//) ? substr(path, 1, RLENGTH) : ""
}
# "a/b/../c" is a/c
function tidy(path) {
    while (sub(/[^\/.][^\/]*\/\.\.\//, "", path)) continue
    return path
}
# Where an included file stands in the tree; "" if it is not ours. protoc-c writes proto/*.pb-c.h.
function resolve(from, name,    base) {
    if ((base = tidy(folder_of(from) name)) in exists) return base
    if (("lib/" name) in exists) return "lib/" name
    if (name in exists) return name
    if (name ~ /\.pb-c\.h$/) {
        sub(/.*\//, "", name)
        return "proto/" name
    }
    return ""
}
# The one header of a room that others see: lib/ROOM/ROOM.h.
function door_of(layer) {
    return "lib/" layer "/" layer ".h"
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
    program = rank[mine] >= 100

    if (!(mine in rank)) complain("no layer of lib/ is called " mine)
    else if (target ~ /^proto\// && mine != "wire") complain(target " is for wire alone")
    else if (target != "" && (!(theirs in rank) || rank[theirs] > rank[mine])) complain(mine " must not know " target)
    else if (theirs in room && theirs != mine && target ~ /^lib\// && target !~ /^lib\/gossip\// &&
        target != door_of(theirs)) complain("what is inside " theirs " is not for " mine ": use " door_of(theirs))
    else if (target ~ /^lib\// && target !~ /^lib\/gossip\// && program)
        complain("programs use libgossip by its public headers, not by " target)
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
