#include "command.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 5

struct words {
    size_t count;
    char *word[WORDS_MAX];
};

struct command {
    const char *name;
    size_t least, most;                                               /* words after the links */
    const char *(*run)(struct link *link, const struct words *words); /* the error, or NULL */
    const char *help;
};

/* A number and its unit: `units` are pairs of a name and a factor. */
struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit times[] = {{"ms", 1}, {"s", 1000}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {NULL, 0}};

static bool parse(uint64_t *out, const char *text, const struct unit *units)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') return false;
    *out = strtoull(text, &end, 10);
    for (; units->name; units++) {
        if (strcmp(end, units->name) != 0) continue;
        *out *= units->factor;
        return true;
    }
    return false;
}

static const char *run_delay(struct link *link, const struct words *words)
{
    uint64_t delay = 0, jitter = 0;
    if (!parse(&delay, words->word[2], times) || (words->count > 3 && !parse(&jitter, words->word[3], times)))
        return "a time is a number of ms or s";
    link->faults.delay = delay;
    link->faults.jitter = jitter;
    return NULL;
}

static const char *run_rate(struct link *link, const struct words *words)
{
    return parse(&link->faults.rate, words->word[2], sizes) ? NULL : "a rate is a number of bytes a second, k or M";
}

static const char *set_directions(bool flags[DIRECTIONS], const struct words *words)
{
    const char *which = words->count > 2 ? words->word[2] : "ab";
    bool a = strcmp(which, "b") != 0, b = strcmp(which, "a") != 0;
    if (a && b && strcmp(which, "ab") != 0) return "a direction is a (from who dials), b (back) or ab";
    flags[DIRECTION_A] |= a;
    flags[DIRECTION_B] |= b;
    return NULL;
}

static const char *run_stall(struct link *link, const struct words *words)
{
    return set_directions(link->faults.stall, words);
}

static const char *run_cut(struct link *link, const struct words *words)
{
    return set_directions(link->faults.cut, words);
}

static const char *run_refuse(struct link *link, const struct words *words)
{
    (void)words;
    link->faults.refuse = true;
    return NULL;
}

static const char *run_reset(struct link *link, const struct words *words)
{
    uint64_t bytes = 0;
    if (words->count == 2) {
        link_reset(link);
        return NULL;
    }
    bool within = strcmp(words->word[2], "within") == 0;
    if (words->count != 4 || (!within && strcmp(words->word[2], "after") != 0) ||
        !parse(&bytes, words->word[3], sizes) || bytes == 0)
        return "usage: reset LINKS [after BYTES | within BYTES]";
    link->faults.rule = within ? RESET_WITHIN : RESET_AFTER;
    link->faults.reset_bytes = bytes;
    link_draw_resets(link);
    return NULL;
}

static const char *run_heal(struct link *link, const struct words *words)
{
    (void)words;
    link->faults = (struct faults){0};
    link_draw_resets(link);
    return NULL;
}

static const struct command commands[] = {
    {"delay", 1, 2, run_delay,
     "delay LINKS TIME [JITTER]    hold each piece that long (5ms, 1s), and up to JITTER more"},
    {"rate", 1, 1, run_rate, "rate LINKS BYTES             let no more pass a second (20k, 1M; 0: unlimited)"},
    {"stall", 0, 1, run_stall, "stall LINKS [a|b]            hold all bytes, both ways or one"},
    {"cut", 0, 1, run_cut, "cut LINKS [a|b]              lose all bytes, both ways or one; reset when healed"},
    {"refuse", 0, 0, run_refuse, "refuse LINKS                 do not listen"},
    {"reset", 0, 2, run_reset,
     "reset LINKS [after BYTES | within BYTES]\n"
     "                             RST now, or to each connection after BYTES or a random\n"
     "                             number of bytes up to BYTES"},
    {"heal", 0, 0, run_heal, "heal LINKS                   end all of these"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

void command_help(FILE *out)
{
    for (size_t i = 0; i < COMMANDS; i++) fprintf(out, "  %s\n", commands[i].help);
    fprintf(out, "  show                         connections, resets and bytes of each link\n"
                 "LINKS is all, or numbers (1,4,7) in the order of the arguments.\n");
}

static const char *one_link(struct link *link, const struct command *command, const struct words *words)
{
    const char *error = command->run(link, words);
    link_changed(link);
    return error;
}

static const char *each_link(struct relay *relay, const struct command *command, const struct words *words)
{
    const char *error = NULL;
    char *rest = words->word[1], *text = NULL;
    bool all = strcmp(rest, "all") == 0;
    for (size_t i = 0; all && !error && i < relay->count; i++) error = one_link(&relay->links[i], command, words);
    while (!all && !error && (text = strsep(&rest, ","))) {
        uint64_t number = 0;
        if (!parse(&number, text, sizes) || number < 1 || number > relay->count) return "no such link";
        error = one_link(&relay->links[number - 1], command, words);
    }
    return error;
}

static const char *run(struct relay *relay, const struct words *words, FILE *out)
{
    if (words->count == 0) return "no command";
    if (strcmp(words->word[0], "show") == 0 && words->count == 1) {
        relay_show(relay, out);
        return NULL;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *command = &commands[i];
        if (strcmp(words->word[0], command->name) != 0) continue;
        if (words->count < 2) return "which links?";
        if (words->count < 2 + command->least || words->count > 2 + command->most) return "wrong number of words";
        return each_link(relay, command, words);
    }
    return "no such command; there are delay, rate, stall, cut, refuse, reset, heal, show";
}

void command_run(struct relay *relay, char *line, FILE *out)
{
    struct words words = {0};
    char *rest = line, *word = NULL;
    const char *error = NULL;
    while ((word = strsep(&rest, " \t\r"))) {
        if (!*word) continue;
        if (words.count == WORDS_MAX) error = "too many words";
        if (!error) words.word[words.count++] = word;
    }
    if (!error) error = run(relay, &words, out);
    if (error)
        fprintf(out, "error: %s\n", error);
    else
        fprintf(out, "ok\n");
    fflush(out);
}
