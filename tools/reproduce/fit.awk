# A straight line through (x, y) by least squares: prints slope, intercept and R^2. With logarithmic=1, through (x, ln y).
{
    y = logarithmic ? log($2) : $2
    n++
    sx += $1; sy += y; sxx += $1 * $1; sxy += $1 * y; syy += y * y
}
END {
    if (n < 3) { print "nan nan 0"; exit }
    spread = n * sxx - sx * sx
    slope = (n * sxy - sx * sy) / spread
    printf "%.6g %.6g %.6f\n", slope, (sy - slope * sx) / n, (n * sxy - sx * sy) ^ 2 / (spread * (n * syy - sy * sy))
}
