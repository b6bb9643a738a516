# Loss against the nominal bits or coordinates, a panel beside another. Given, besides style.gp's: heading; stems, names: the files are
# STEM-NAME-mean.csv, -authors.csv, -published.csv; titles of the panels, legends of the curves; axis: its label; xcolumn of the files,
# scale: axis units a unit of it; references: 1 to draw the authors' and the published curves.
width = 440 * words(stems)
height = 460
load here."/style.gp"
set multiplot layout 1,words(stems) title heading noenhanced margins char 9,char 4,char 4,char 4.5 spacing char 7,0
set logscale y
set yrange [0.01:1]
set format y "10^{%L}"
set ytics (1, 0.1, 0.01)
set mytics 10
set xrange [0:*]
set xlabel axis noenhanced
set key top right samplen 1.5 font ",8"
file(panel, curve, kind) = sprintf("%s/runs/%s-%s-%s.csv", out, word(stems, panel), word(names, curve), kind)
ours = 'for [c = 1:words(names)] file(panel, c, "mean") every ::1 using (column(abscissa) * scale):2 with lines linewidth 2 linecolor rgb colour[c] title word(legends, c)'
authors = 'for [c = 1:words(names)] file(panel, c, "authors") every ::1 using ($1 * scale):2 with lines linewidth 1.2 dashtype 2 linecolor rgb "black" title (c == 1 ? "authors'' code" : "")'
published = 'for [c = 1:words(names)] file(panel, c, "published") every ::1 using ($1 * scale):2 with points pointtype 6 pointsize 0.9 linecolor rgb colour[c] title (c == 1 ? "published (read off)" : "")'
abscissa = int(xcolumn)
do for [panel = 1:words(stems)] {
    set title word(titles, panel) noenhanced
    if (panel == 1) { set ylabel "loss of the mean parameters" } else { unset ylabel }
    if (references == 1) { plot @ours, @authors, @published } else { plot @ours }
}
unset multiplot
