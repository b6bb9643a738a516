# Reads what nm -A -g says of the objects of lib/. Prints every use of something that a layer above defines, and every
# circle of more than `longest` files of one layer, and exits 1 if there was one. Follows order.awk. See check_calls.
BEGIN {
    longest = 3
}
# lib/LAYER/.libs/NAME.o is of lib/LAYER/NAME.c
function source_of(object) {
    sub(/\.libs\//, "", object)
    sub(/\.o$/, ".c", object)
    return object
}
function complain(text) {
    print text
    bad = 1
}
# "FILE:[VALUE] TYPE NAME"
NF > 1 {
    file = $0
    sub(/:.*/, "", file)
    file = source_of(file)
    if ($(NF - 1) ~ /^[Uwv]$/) {
        user[++uses] = file
        used[uses] = $NF
    } else home[$NF] = file
}
# Marks what a file uses, directly or by way of others of its layer.
function follow(from, file,    count, list, i) {
    count = split(arrows[file], list, " ")
    for (i = 1; i <= count; i++) {
        if ((from, list[i]) in reaches) continue
        reaches[from, list[i]] = 1
        follow(from, list[i])
    }
}
# Each file belongs to one circle at most: all that reach it and are reached by it.
function find_circles(    file, other, length_of, circle) {
    for (file in arrows) follow(file, file)
    for (file in arrows) {
        if (file in told) continue
        length_of = 0
        circle = ""
        for (other in arrows) {
            if (!((file, other) in reaches) || !((other, file) in reaches)) continue
            told[other] = 1
            circle = circle " " other
            length_of++
        }
        if (length_of > longest)
            complain(layer_of(file) ": " length_of " files use each other in a circle, and " longest " are the most:" circle)
    }
}
END {
    for (i = 1; i <= uses; i++) {
        if (!(used[i] in home)) continue
        from = user[i]
        to = home[used[i]]
        mine = layer_of(from)
        theirs = layer_of(to)
        pairs++
        if (!(mine in rank)) complain(from ": no layer of lib/ is called " mine)
        else if (mine in alone && theirs != mine && to !~ /^proto\//)
            complain(from ": " mine " stands apart and must not use " used[i] ", which is in " to)
        else if (!(theirs in rank) || rank[theirs] > rank[mine])
            complain(from ": " mine " must not use " used[i] ", which is in " to)
        else if (mine == theirs && from != to) arrows[from] = arrows[from] to " "
    }
    if (!pairs) complain("no object uses another: is this where the project was built?")
    find_circles()
    exit bad
}
