# Curves of histories, a panel beside another. Given, besides style.gp's: heading, panels (how many), ylabel, ycolumn of the files, ymin,
# ymax, ylog (1 or 0), and for each panel p: title_p, files_p (CSV files below runs/, without .csv), legends_p (as many, quoted), xlabel_p,
# xcolumn_p, xscale_p, optionally xmax_p, ymin_p, ymax_p; and points_p and pointlegend: CSV of (x, y), drawn as circles in their file's
# order of curves.
width = panels == 1 ? 760 : 470 * panels
height = 500
load here."/style.gp"
set multiplot layout 1,panels title heading noenhanced margins char 10,char 3,char 4,char 4.5 spacing char 9,0
ordinate = int(ycolumn)
if (ylog == 1) { set logscale y }
set key top right samplen 1.5 font ",9"
given(name, p, default) = exists(sprintf("%s_%d", name, p)) ? value(sprintf("%s_%d", name, p)) : default
curves = 'for [c = 1:words(files)] sprintf("%s/runs/%s.csv", out, word(files, c)) every ::1 using (column(abscissa) * scale):(column(ordinate)) ' \
    .'with lines linewidth 2 dashtype 1 + (c - 1) / 8 linecolor rgb colour[(c - 1) % 8 + 1] title word(legends, c)'
circles = 'for [c = 1:words(marks)] sprintf("%s/runs/%s.csv", out, word(marks, c)) every ::1 using 1:2 ' \
    .'with points pointtype 6 linewidth 1.5 linecolor rgb colour[c] title (c == 1 ? pointlegend : "")'
do for [p = 1:int(panels)] {
    files = given("files", p, "")
    legends = given("legends", p, "")
    marks = given("points", p, "")
    abscissa = int(given("xcolumn", p, "1"))
    scale = given("xscale", p, "1") + 0.0
    set title given("title", p, "") noenhanced
    set xlabel given("xlabel", p, "") noenhanced
    set xrange [0:*]
    if (exists(sprintf("xmax_%d", p))) { set xrange [0:given("xmax", p, "1") + 0.0] }
    low = given("ymin", p, ymin) + 0.0
    high = given("ymax", p, ymax) + 0.0
    set yrange [low:high]
    if (ylog == 1 && high > 20 * low) { set ytics (100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001) }
    if (ylog == 1 && high <= 20 * low) { set ytics (1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1) }
    if (p == 1) { set ylabel ylabel noenhanced } else { unset ylabel }
    if (words(marks)) { plot @curves, @circles } else { plot @curves }
}
unset multiplot
