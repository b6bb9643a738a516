/* `gossipctl plot`: loss and consensus error of one or several nodes, as a chart in the terminal or as a picture. */
#include "client.h"
#include "curves.h"

#include <stdio.h>
#include <string.h>

static int choose_x(const struct ctl *ctl, enum curves_x *out)
{
    static const char *const names[] = {"round", "bytes", "payload", "seconds", NULL};
    const char *value = ctl_value(ctl, "--x");
    *out = CURVES_ROUND;
    if (!value) return EXIT_DONE;
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], value) != 0) continue;
        *out = (enum curves_x)i;
        return EXIT_DONE;
    }
    return ctl_usage(ctl, "--x %s: there are round, bytes, payload and seconds", value);
}

static bool ends_in(const char *path, const char *end)
{
    size_t length = strlen(path), tail = strlen(end);
    return length > tail && strcmp(path + length - tail, end) == 0;
}

static int draw(const struct ctl *ctl, const struct curves *curves, const char *out)
{
    if (!curves_have(curves, CURVES_LOSS))
        return client_fail(ctl, EXIT_FAILED, "nothing to draw against %s yet: that takes two rounds with %s known",
                           curves_x_title(curves), curves->x == CURVES_ROUND ? "their loss" : "both");
    return out ? curves_gnuplot(ctl, curves, out) : curves_chart(curves);
}

static int run_plot(struct ctl *ctl, int argc, char **argv)
{
    const char *out = ctl_value(ctl, "--out");
    struct curves curves = {.title = ctl_value(ctl, "--title")};
    int exit_code = choose_x(ctl, &curves.x);
    if (exit_code != EXIT_DONE) return exit_code;
    if (out && !ends_in(out, ".svg") && !ends_in(out, ".png"))
        return ctl_usage(ctl, "--out %s: plot draws svg and png: give a name that ends in .svg or .png", out);
    exit_code = curves_load(&curves, ctl, argv, argc);
    if (exit_code == EXIT_DONE) exit_code = draw(ctl, &curves, out);
    curves_clear(&curves);
    return exit_code;
}

static const struct ctl_option plot_options[] = {
    {"--out", "FILE", "draw with gnuplot into FILE, an svg or png by its name (default: a chart in the terminal)"},
    {"--x", "WHAT",
     "what to draw against: round (the default), bytes (sent to all neighbours, everything included), payload (sent to "
     "one neighbour, encoded) or seconds"},
    {"--title", "TEXT", "what to write above (default: how many nodes, which run, which rounds)"},
    {0},
};

const struct ctl_command ctl_plot = {
    .name = "plot",
    .synopsis = "[SOCKET|FILE.csv...] [--x WHAT] [--out FILE]",
    .summary = "draw loss and consensus error, of several nodes if need be",
    .details = "Draws the loss, the consensus error and, with --out, the accuracy of this node's last run.\n"
               "With control sockets or CSV files (history.csv of daemons, histories of gossip-sim) as\n"
               "operands it draws those, all in one plot. Without --out it is a chart as wide as the\n"
               "terminal; pictures take gnuplot (Debian: gnuplot-nox).\n\n"
               "  gossipctl plot\n"
               "  gossipctl plot --x bytes --out loss.svg\n"
               "  gossipctl plot net/*/state/control.sock --title 'nine nodes' --out nodes.png\n",
    .options = plot_options,
    .most = -1,
    .run = run_plot,
};
