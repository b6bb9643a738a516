# One problem for each of `nodes` nodes: d rows that touch one coordinate each, r_j = a_ij (x_j - c_ij), in CSV with the target last. The
# a differ between nodes (so do the Hessians, without which the mean would follow gradient descent exactly), and the c scatter by
# `spread` around a centre that all share. Given: nodes, d, spread, seed. The generator is written out: awks' own differ.
function uniform() {
    state = (state * 69069 + 12345) % 4294967296
    return state / 4294967296
}
BEGIN {
    state = seed
    for (i = 0; i < 10; i++) uniform()
    for (j = 1; j <= d; j++) {
        centre[j] = 6 * uniform() - 3
        base[j] = 0.5 + 0.5 * j / d
    }
    for (i = 1; i <= nodes; i++)
        for (j = 1; j <= d; j++) {
            scale = base[j] * (0.5 + 0.5 * uniform())
            line = ""
            for (k = 1; k <= d; k++) line = line (k == j ? sprintf("%.6f", scale) : 0) ","
            printf "%s%.6f\n", line, scale * (centre[j] + spread * (2 * uniform() - 1))
        }
}
