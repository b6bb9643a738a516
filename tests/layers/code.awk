# C without its comments, for the checks of this folder.

# The line with each comment gone; in_comment is carried from line to line. Text in quotes is left as it is.
function code(line,    out, token) {
    out = ""
    while (line != "") {
        if (in_comment) {
            if (!index(line, "*/")) return out
            line = substr(line, index(line, "*/") + 2)
            in_comment = 0
        }
        if (!match(line, /["']|\/\*|\/\//)) return out line
        token = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART)
        if (token == "//") return out
        if (token == "/*") {
            in_comment = 1
            out = out " "
            line = substr(line, 3)
            continue
        }
        if (!match(line, token == "'" ? "^'([^'\\\\]|\\\\.)*'" : "^\"([^\"\\\\]|\\\\.)*\"")) RLENGTH = 1
        out = out substr(line, 1, RLENGTH)
        line = substr(line, RLENGTH + 1)
    }
    return out
}
