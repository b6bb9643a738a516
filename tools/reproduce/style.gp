# What all plots have in common. Given: format (svg or png), target, width and height in pixels.
if (format eq "svg") {
    set terminal svg size width,height dynamic enhanced background "white" font "sans-serif,13"
} else {
    set terminal pngcairo size width,height enhanced background "white" font "DejaVu Sans,10"
}
set output target
set datafile separator ","
set encoding utf8
set border 3
set tics nomirror
set grid xtics ytics linetype 1 linecolor rgb "#d8d8d8" linewidth 1
set key noenhanced spacing 1.1
# Colours that the colour blind can tell apart (Okabe and Ito).
array colour[8] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
