/* Pictures of curves, drawn by gnuplot. */
#include "client.h"
#include "curves.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    POINTS_MAX = 2000,  /* of a curve; more would only make the file larger */
    KEYS_MAX = 20,      /* of more curves none is named */
    PANEL_HEIGHT = 330, /* pixels */
    WIDTH = 960,
    COLOURS = 8
};

/* A text in gnuplot's single quotes. */
static void quote(FILE *script, const char *text)
{
    fputc('\'', script);
    for (; *text; text++) {
        if (*text == '\'') fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
    }
    fputc('\'', script);
}

static void put_value(FILE *script, double value)
{
    if (isfinite(value))
        fprintf(script, " %.12g", value);
    else
        fputs(" NaN", script);
}

/* A data block for each curve. What is not known parts a line, but evaluations lie apart anyway: they are joined. */
static void put_data(FILE *script, const struct curves *curves, enum curves_y which)
{
    for (size_t i = 0; i < curves->count; i++) {
        const struct gsp_history *history = curves->list[i].history;
        size_t step = which == CURVES_ACCURACY ? 1 : history->count / POINTS_MAX + 1;
        fprintf(script, "$y%d_%zu << EOD\n", (int)which, i);
        for (size_t k = 0; k < history->count; k++) {
            const struct gsp_history_row *row = &history->rows[k];
            double y = curves_y(which, row);
            if (k % step != 0 && k + 1 != history->count) continue;
            if (which == CURVES_ACCURACY && isnan(y)) continue;
            put_value(script, curves_x(curves, row));
            put_value(script, which == CURVES_ACCURACY ? 100 * y : y);
            fputc('\n', script);
        }
        fputs("EOD\n", script);
    }
}

static void put_style(FILE *script, const struct curves *curves, const char *path, bool png, size_t panels)
{
    /* Colours that those who see few can tell apart (Okabe and Ito), from the darkest on. */
    static const char *const colours[COLOURS] = {"0072b2", "d55e00", "009e73", "cc79a7",
                                                 "e69f00", "56b4e9", "000000", "999999"};
    size_t height = 60 + panels * PANEL_HEIGHT;
    if (png)
        fprintf(script, "set terminal pngcairo size %d,%zu font 'sans,11' linewidth 1.2\n", WIDTH, height);
    else
        fprintf(script, "set terminal svg size %d,%zu font 'sans-serif,13' linewidth 1.2 background '#ffffff'\n", WIDTH,
                height);
    fputs("set output ", script);
    quote(script, path);
    fputs("\nset encoding utf8\nset termoption noenhanced\nset border 3 linecolor '#444444'\nset tics nomirror out\n"
          "set grid linecolor '#cccccc' linewidth 0.7 dashtype 1\nset lmargin 12\n",
          script);
    /* When the colours are used up they come again, dashed. */
    for (size_t i = 0; i < 2 * COLOURS; i++)
        fprintf(script, "set linetype %zu linecolor rgb '#%s' linewidth 1.6 dashtype %d pointtype 7 pointsize 0.4\n",
                i + 1, colours[i % COLOURS], i < COLOURS ? 1 : 2);
    fprintf(script, "set linetype cycle %d\n", 2 * COLOURS);
    if (curves->count == 1 || curves->count > KEYS_MAX)
        fputs("unset key\nset rmargin 4\n", script);
    else
        fputs("set key outside right top vertical samplen 2 spacing 1.1\nset rmargin 16\n", script);
    if (curves->x == CURVES_ROUND || curves->x == CURVES_SECONDS)
        fputs("set format x '%.10g'\n", script);
    else
        fputs("set format x '%.1s %cB'\n", script);
}

/* "[least:most]" with some room above and below; in as many digits as keep them apart. */
static void put_range(FILE *script, const struct curves_range *range, bool logarithmic)
{
    double room = 0.05 * (range->y_most - range->y_least), factor = 1.15;
    fprintf(script, "set xrange [%.12g:%.12g]\n", range->x_least, range->x_most);
    if (logarithmic)
        fprintf(script, "set logscale y\nset yrange [%.12g:%.12g]\n", range->y_least / factor, range->y_most * factor);
    else
        fprintf(script, "unset logscale y\nset yrange [%.12g:%.12g]\n", range->y_least - room, range->y_most + room);
}

static void put_title(FILE *script, const struct curves *curves, enum curves_y which, const struct curves_range *range)
{
    static const char *const titles[CURVES_Y_COUNT] = {
        [CURVES_LOSS] = "loss of each node on its own rows",
        [CURVES_CONSENSUS] = "consensus error",
        [CURVES_ACCURACY] = "accuracy on the test data",
    };
    bool nodes = true;
    for (size_t i = 0; i < curves->count; i++) nodes = nodes && *curves->list[i].history->node;
    fprintf(script, "set title '%s", which == CURVES_LOSS && !nodes ? "loss" : titles[which]);
    double least = range->end_least, most = range->end_most;
    const char *unit = which == CURVES_ACCURACY ? " %" : "";
    if (isfinite(least)) {
        fprintf(script, ", at the end %.3g", least);
        if (most > least) fprintf(script, " to %.3g", most);
        fputs(unit, script);
    }
    fputs("' offset 0,-0.5\n", script);
}

static void put_panel(FILE *script, const struct curves *curves, enum curves_y which, bool last)
{
    bool logarithmic = curves_logarithmic(curves, which);
    struct curves_range range = curves_range(curves, which, logarithmic);
    if (which == CURVES_ACCURACY) {
        range.y_least *= 100;
        range.y_most *= 100;
        range.end_least *= 100;
        range.end_most *= 100;
    }
    put_title(script, curves, which, &range);
    curves_widen(&range);
    put_range(script, &range, logarithmic);
    fputs(which == CURVES_ACCURACY ? "set format y '%g %%'\n" : "set format y '%g'\n", script);
    if (which != CURVES_LOSS) fputs("unset key\n", script);
    if (last) {
        fputs("set xlabel ", script);
        quote(script, curves_x_title(curves));
        fputc('\n', script);
    }
    fputs("plot ", script);
    for (size_t i = 0; i < curves->count; i++) {
        if (i > 0) fputs(", \\\n  ", script);
        fprintf(script, "$y%d_%zu using 1:2 with %s linetype %zu title ", (int)which, i,
                which == CURVES_ACCURACY ? "linespoints" : "lines", i + 1);
        quote(script, curves->list[i].label);
    }
    fputc('\n', script);
}

static void put_script(FILE *script, const struct curves *curves, const char *path, bool png)
{
    enum curves_y shown[CURVES_Y_COUNT];
    size_t panels = 0;
    char text[300];
    for (int y = 0; y < CURVES_Y_COUNT; y++)
        if (curves_have(curves, (enum curves_y)y)) shown[panels++] = (enum curves_y)y;
    curves_describe(curves, text, sizeof text);
    put_style(script, curves, path, png, panels);
    for (size_t i = 0; i < panels; i++) put_data(script, curves, shown[i]);
    fprintf(script, "set multiplot layout %zu,1 title ", panels);
    quote(script, text);
    fputs(" font ',15'\n", script);
    for (size_t i = 0; i < panels; i++) put_panel(script, curves, shown[i], i + 1 == panels);
    fputs("unset multiplot\nset output\n", script);
}

/* Runs gnuplot on the script; 0, or what to say. */
static const char *run_gnuplot(FILE *script)
{
    extern char **environ;
    char program[] = "gnuplot", defaults[] = "-d", *words[] = {program, defaults, NULL};
    posix_spawn_file_actions_t actions;
    pid_t process;
    int status = 0, problem;
    rewind(script);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    problem = posix_spawnp(&process, program, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem == ENOENT)
        return "gnuplot is not installed: install it (Debian: apt-get install gnuplot-nox), or leave --out away for a "
               "chart in the terminal";
    if (problem != 0) return strerror(problem);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
    return status == 0 ? NULL : "gnuplot failed";
}

int curves_gnuplot(const struct ctl *ctl, const struct curves *curves, const char *path)
{
    FILE *script = tmpfile();
    size_t room = strlen(path) + 32;
    char *beside = gsp_alloc(room, 1);
    const char *problem = !script ? strerror(errno) : !beside ? "out of memory" : NULL;
    if (!problem) {
        /* The picture is replaced as a whole or not at all. */
        snprintf(beside, room, "%s.%ld.tmp", path, (long)getpid());
        put_script(script, curves, beside, strcmp(path + strlen(path) - 4, ".png") == 0);
        if (fflush(script)) problem = strerror(errno);
    }
    struct gsp_error error; /* gnuplot would tell where in its script it can't write */
    if (!problem && common_create(beside, 0666, "", 0, &error)) problem = strerror(errno);
    if (!problem) problem = run_gnuplot(script);
    if (!problem && rename(beside, path)) problem = strerror(errno);
    if (problem && beside) unlink(beside);
    if (script) fclose(script);
    free(beside);
    if (problem) return client_fail(ctl, EXIT_FAILED, "%s: %s", path, problem);
    printf("%s: %zu curve%s\n", path, curves->count, curves->count == 1 ? "" : "s");
    return EXIT_DONE;
}
