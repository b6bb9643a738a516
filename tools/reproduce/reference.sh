#!/bin/bash
# reference: when the published curves, and those of the authors' code, first reach a loss; sourced after common.sh.

# published_reach FIGURE PANEL CURVE LEVEL: the round, interpolated in the logarithm of the loss between the points that were
# read off; a little beyond the last of them, extrapolated. "-" if the figure does not go there.
published_reach() {
    awk -F, -v figure="$1" -v panel="$2" -v curve="$3" -v level="$4" '
        $1 == figure && $2 == panel && $3 == curve { loss[++n] = $4; round[n] = $6 }
        END {
            i = 2
            while (i < n && loss[i] > level) i++
            if (n < 2 || level > loss[1] || level < loss[n] * 0.9) { print "-"; exit }
            slope = (round[i] - round[i - 1]) / log(loss[i] / loss[i - 1])
            printf "%.10g\n", round[i] + slope * log(level / loss[i])
        }' "$PUBLISHED"
}

# authors_reach FIGURE NODES ETA GAMMA COMPRESSOR Q LEVEL: the mean over the data seeds of the first round with that loss. From round
# 20 on every fifth was recorded: between them the logarithm of the loss is interpolated. "-" if there is no such run.
authors_reach() {
    awk -F, -v figure="$1" -v nodes="$2" -v eta="$3" -v gamma="$4" -v compressor="$5" -v q="$6" -v level="$7" '
        $1 == figure && $3 == nodes && $4 == eta && $5 == gamma && $6 == compressor && $7 == q {
            if (!($8 in first)) { first[$8] = ""; seeds++ }
            if (first[$8] == "" && $10 <= level) {
                exact = round + ($9 - round) * log(loss / level) / log(loss / $10)
                first[$8] = int(exact) + (exact > int(exact))
            }
            round = $9
            loss = $10
        }
        END {
            for (seed in first) { if (first[seed] == "") { print "-"; exit }; sum += first[seed] }
            if (seeds) printf "%.10g\n", sum / seeds; else print "-"
        }' "$AUTHORS"
}

# authors_curve FIGURE NODES ETA GAMMA COMPRESSOR Q: round and loss, the mean over the data seeds.
authors_curve() {
    awk -F, -v figure="$1" -v nodes="$2" -v eta="$3" -v gamma="$4" -v compressor="$5" -v q="$6" '
        $1 == figure && $3 == nodes && $4 == eta && $5 == gamma && $6 == compressor && $7 == q {
            if (!count[$9]++) order[++n] = $9
            sum[$9] += $10
        }
        END { print "round,loss"; for (i = 1; i <= n; i++) printf "%d,%.10g\n", order[i], sum[order[i]] / count[order[i]] }' "$AUTHORS"
}

# published_curve FIGURE PANEL CURVE: round and loss, as read off.
published_curve() {
    awk -F, -v figure="$1" -v panel="$2" -v curve="$3" '
        BEGIN { print "round,loss" }
        $1 == figure && $2 == panel && $3 == curve { print $6 "," $4 }' "$PUBLISHED"
}
