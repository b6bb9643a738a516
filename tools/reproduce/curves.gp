# Curves of histories, a panel beside another. Given, besides style.gp's: heading, panels (how many), ylabel, ycolumn of the files, ymin,
# ymax, ylog (1 or 0), and for each panel p: title_p, files_p (CSV files below runs/, without .csv), legends_p (as many, quoted), xlabel_p,
# xcolumn_p, xscale_p. Optionally
# - rows of panels; of a panel xmin_p (makes the axis logarithmic), xmax_p, ymin_p, ymax_p
# - key_p: "low" (below on the left) or "none" (that of the panel before tells); else it is above on the right
# - tones_p, dashes_p: the number of a colour and of a dash pattern for each curve; else colours take turns
# - swing: what is drawn of curves that swing with period two, the "mean" of each two rounds or the "even" rounds
# - points_p and pointlegend: CSV of (x, y), drawn as circles in their file's order of curves.
given(name, p, default) = exists(sprintf("%s_%d", name, p)) ? value(sprintf("%s_%d", name, p)) : default
rows = exists("rows") ? int(rows) : 1
columns = int(panels) / rows
width = columns == 1 ? 760 : 470 * columns
height = 60 + 430 * rows
load here."/style.gp"
set multiplot layout rows,columns title heading noenhanced margins char 10,char 3,char 4,char 4.5 spacing char 9,char 7
ordinate = int(ycolumn)
swing = exists("swing") ? swing : ""
if (ylog == 1) { set logscale y }
nth(list, c, default) = words(list) ? int(word(list, c)) : default
drawn(n, y) = swing eq "mean" ? (before = n == 0 ? y : last, last = y, (before + y) / 2) : y
step = swing eq "even" ? 2 : 1
curves = 'for [c = 1:words(files)] sprintf("%s/runs/%s.csv", out, word(files, c)) every step::1 ' \
    .'using (column(abscissa) * scale):(drawn(column(0), column(ordinate))) with lines linewidth 2 ' \
    .'dashtype nth(dashes, c, 1 + (c - 1) / 8) linecolor rgb colour[nth(tones, c, (c - 1) % 8 + 1)] title word(legends, c)'
circles = 'for [c = 1:words(marks)] sprintf("%s/runs/%s.csv", out, word(marks, c)) every ::1 using 1:2 ' \
    .'with points pointtype 6 linewidth 1.5 linecolor rgb colour[c] title (c == 1 ? pointlegend : "")'
do for [p = 1:int(panels)] {
    files = given("files", p, "")
    legends = given("legends", p, "")
    marks = given("points", p, "")
    dashes = given("dashes", p, "")
    tones = given("tones", p, "")
    abscissa = int(given("xcolumn", p, "1"))
    scale = given("xscale", p, "1") + 0.0
    set title given("title", p, "") noenhanced
    set xlabel given("xlabel", p, "") noenhanced
    unset logscale x
    set xrange [0:*]
    if (exists(sprintf("xmax_%d", p))) { set xrange [0:given("xmax", p, "1") + 0.0] }
    if (exists(sprintf("xmin_%d", p))) {
        set xrange [given("xmin", p, "1") + 0.0:given("xmax", p, "1") + 0.0]
        set logscale x
    }
    low = given("ymin", p, ymin) + 0.0
    high = given("ymax", p, ymax) + 0.0
    set yrange [low:high]
    place = given("key", p, "")
    if (place eq "") { set key top right noreverse Right samplen 2 font ",10" }
    if (place eq "low") { set key bottom left reverse Left samplen 2 font ",10" }
    if (place eq "none") { unset key }
    if (ylog == 1 && high > 20 * low) { set ytics (100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001) }
    if (ylog == 1 && high <= 20 * low) { set ytics (1, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1) }
    if ((p - 1) % columns == 0) { set ylabel ylabel noenhanced } else { unset ylabel }
    if (words(marks)) { plot @curves, @circles } else { plot @curves }
}
unset multiplot
