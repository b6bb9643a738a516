# Reads the sources of lib/. Prints each struct at the door of a room, or of what the rooms share, that has more than
# `most` members, and each struct of a room that another layer defines once more, and exits 1 if there was one. Follows
# order.awk and code.awk. See check_structs.
BEGIN {
    most = 15
}
# What files of other rooms read: lib/ROOM/ROOM.h, lib/gossip/ROOM.h, and all headers of host.
function is_door(file,    layer) {
    layer = layer_of(file)
    if (layer == "host") return file ~ /\.h$/
    return (layer in room) && (file == door_of(layer) || file == "lib/gossip/" layer ".h")
}
# How many lines the text has before its end.
function lines_of(text) {
    return gsub(/\n/, "", text)
}
# How many members there are between a struct's braces. A struct or union within it is one if it has a name; those of one
# without a name are read as the struct's own.
function members_of(body,    before, inner, tail, list, count, i, sum) {
    gsub(/"[^"]*"/, "", body)
    while (gsub(/\([^()]*\)/, "", body)) continue
    gsub(/\[[^\]]*\]/, "", body)
    while (match(body, /\{[^{}]*\}[^;{}]*/)) {
        before = substr(body, 1, RSTART - 1)
        inner = substr(body, RSTART + 1, RLENGTH - 1)
        body = substr(body, RSTART + RLENGTH)
        tail = inner
        sub(/^[^}]*\}/, "", tail)
        sub(/\}.*$/, "", inner)
        if (tail ~ /[A-Za-z_]/) body = before tail body
        else if (sub(/enum[^;{}]*$/, "", before)) body = before body
        else body = before inner body
    }
    count = split(body, list, ";")
    for (i = 1; i <= count; i++)
        if (list[i] ~ /[A-Za-z_]/ && list[i] !~ /^[ \n]*_Static_assert/) sum += 1 + gsub(/,/, "", list[i])
    return sum + 0
}
# Finds the file's structs; those within another are part of that one.
function read_structs(file, text,    line, name, length_of, depth, members) {
    line = 1
    while (match(text, /(struct|union)[ \n]*[A-Za-z_0-9]*[ \n]*\{/)) {
        name = substr(text, RSTART, RLENGTH)
        gsub(/[ \n{]+/, " ", name)
        sub(/ $/, "", name)
        line += lines_of(substr(text, 1, RSTART - 1))
        text = substr(text, RSTART)
        # its end: the brace that closes the first
        length_of = index(text, "{")
        for (depth = 1; depth && match(substr(text, length_of + 1), /[{}]/); length_of += RSTART)
            depth += substr(text, length_of + RSTART, 1) == "{" ? 1 : -1
        if (is_door(file)) {
            doors++
            members = members_of(substr(text, index(text, "{") + 1, length_of - index(text, "{") - 1))
            if (members > most) {
                print file ":" line ": " name " has " members " members, and " most " are the most that rooms may share"
                bad = 1
            }
        }
        if (name ~ / gsp_/) {
            definitions++
            defined[definitions] = name
            place[definitions] = file ":" line
            layer[definitions] = layer_of(file)
        }
        line += lines_of(substr(text, 1, length_of))
        text = substr(text, length_of + 1)
    }
}
FNR == 1 {
    if (file) read_structs(file, text)
    file = FILENAME
    text = ""
    in_comment = 0
}
{
    clean = code($0)
    if (clean ~ /^[ \t]*#/) clean = ""
    gsub(/\t/, " ", clean)
    text = text clean "\n"
}
END {
    if (file) read_structs(file, text)
    for (i = 1; i <= definitions; i++) {
        if (!(layer[i] in room) || place[i] !~ /\.h:/) continue
        for (j = 1; j <= definitions; j++) {
            if (defined[j] != defined[i] || layer[j] == layer[i]) continue
            print place[j] ": " defined[j] " is the struct of " layer[i] " (" place[i] "), and nobody else's"
            bad = 1
        }
    }
    if (!doors) {
        print "no structs found: is this the root of the project?"
        exit 1
    }
    exit bad
}
