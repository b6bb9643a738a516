# What kind of function the problem of theory_data.awk is with objective=geman. It is a sum over coordinates of F_j, the mean over nodes
# of h(a_ij (x_j - c_ij)); so its Polyak-Lojasiewicz constant is the least of the F_j's. Reads the CSV; scans each F_j; prints the
# least F'^2 / (2 (F - F*)) over all coordinates, the least F'', and in how many coordinates F' changes its sign other than once.
BEGIN { FS = "," }
{
    j = 1
    while ($j == 0) j++
    n = ++rows[j]
    scale[j, n] = $j
    target[j, n] = $NF
    d = NF - 1
}
# Sets F, slope, bend at x in coordinate j.
function evaluate(j, x, i, r, s, q) {
    F = slope = bend = 0
    for (i = 1; i <= rows[j]; i++) {
        s = scale[j, i]
        r = s * x - target[j, i]
        q = 1 + r * r
        F += (r * r / 2 + 4 * r * r / q) / rows[j]
        slope += s * r * (1 + 8 / (q * q)) / rows[j]
        bend += s * s * (1 + 8 * (1 - 3 * r * r) / (q * q * q)) / rows[j]
    }
}
END {
    least = least_bend = 1e9
    for (j = 1; j <= d; j++) {
        changes = 0
        low = 1e9
        for (x = -12; x <= 12; x += 0.02) {
            evaluate(j, x)
            if (x > -12 && (slope > 0) != (before > 0)) changes++
            before = slope
            if (F < low) { low = F; at = x }
        }
        left = at - 0.02
        right = at + 0.02
        while (right - left > 1e-12) {
            evaluate(j, (left + right) / 2)
            if (slope > 0) right = (left + right) / 2; else left = (left + right) / 2
        }
        low = F
        for (x = -12; x <= 12; x += 0.02) {
            evaluate(j, x)
            if (bend < least_bend) least_bend = bend
            if (F - low > 1e-9 && slope * slope / (2 * (F - low)) < least) least = slope * slope / (2 * (F - low))
        }
        if (changes != 1) odd++
    }
    printf "%.4g %.4g %d\n", least / d, least_bend / d, odd
}
