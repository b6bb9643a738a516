# Four panels: f - f* against rounds for both problems, the floors against Q, T and Q against eps. Given, besides style.gp's: shown (values
# of Q), greatest.
width = 1000
height = 860
load here."/style.gp"
set multiplot layout 2,2 title "f - f* = O(ρ^T) + C α^Q: 9 nodes on a torus, topk 20 %, γ = 0.2" margins char 10,char 3,char 4,char 5 spacing char 10,char 6
set logscale y
set format y "10^{%L}"
set key bottom left reverse Left samplen 1.5 font ",9"
problems = "convex pl"
short = "convex PL"
names = "\"strongly convex (least squares)\" \"Polyak-Lojasiewicz, not convex (Geman-McClure)\""
do for [p = 1:2] {
    set title word(names, p) noenhanced
    set xlabel "round T"
    set ylabel "f(mean x) - f*" noenhanced
    set xrange [0:160]
    set yrange [1e-12:10]
    plot for [c = 1:words(shown)] sprintf("%s/runs/theory-%s-q%s-gap.csv", out, word(problems, p), word(shown, c)) every ::1 using 1:2 with lines linewidth 2 linecolor rgb colour[c] title "Q = ".word(shown, c), \
        sprintf("%s/runs/theory-%s-central-gap.csv", out, word(problems, p)) every ::1 using 1:2 with lines linewidth 1.5 dashtype 2 linecolor rgb "#999999" title "gradient descent in one place"
}
set title "the floor falls with Q (mean of the last quarter)"
set xlabel "gossip steps a round, Q"
set ylabel "floor"
set xrange [0:greatest + 0.0]
set yrange [1e-12:1]
plot for [p = 1:2] sprintf("%s/runs/theory-%s-floors.csv", out, word(problems, p)) every ::1 using 1:3 with linespoints pointtype 5 pointsize 0.4 linecolor rgb colour[p] title word(short, p).": consensus error", \
    for [p = 1:2] sprintf("%s/runs/theory-%s-floors.csv", out, word(problems, p)) every ::1 using 1:2 with linespoints pointtype 7 pointsize 0.4 dashtype 2 linecolor rgb colour[p + 2] title word(short, p).": f - f*"
unset logscale y
set format y "%g"
set title "T and Q with which f - f* comes to ε"
set xlabel "ε"
set ylabel "rounds T; gossip steps a round Q"
set xrange [1.5:8.5]
set format x "10^{-%g}"
set yrange [0:*]
set key top left
plot for [p = 1:2] sprintf("%s/runs/theory-%s-eps.csv", out, word(problems, p)) every ::1 using 1:3 with linespoints pointtype 7 linewidth 2 linecolor rgb colour[p] title word(short, p).": T", \
    for [p = 1:2] sprintf("%s/runs/theory-%s-eps.csv", out, word(problems, p)) every ::1 using 1:2 with linespoints pointtype 5 linewidth 2 dashtype 2 linecolor rgb colour[p] title word(short, p).": Q"
unset multiplot
