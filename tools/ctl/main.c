/* gossipctl: reads the command line by the table of commands and runs one. */
#include "ctl.h"

#include "daemon/files.h"

#include <gossip/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char common_program[] = "gossipctl";

const char *ctl_value(const struct ctl *ctl, const char *option)
{
    const struct ctl_option *known = ctl->command->options;
    for (size_t i = 0; known && known[i].name; i++)
        if (strcmp(known[i].name, option) == 0) return ctl->values[i];
    return NULL;
}

int ctl_usage(const struct ctl *ctl, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "gossipctl: ");
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (ctl->command)
        fprintf(stderr, "\nusage: gossipctl %s%s%s; see `gossipctl %s --help`\n", ctl->command->name,
                *ctl->command->synopsis ? " " : "", ctl->command->synopsis, ctl->command->name);
    else
        fprintf(stderr, "\nusage: gossipctl [-s SOCKET] COMMAND ...; see `gossipctl --help`\n");
    return EXIT_USAGE;
}

const struct ctl_command *ctl_find(const struct ctl *ctl, const char *name)
{
    const char *names[64];
    size_t count = 0;
    for (const struct ctl_command *const *command = ctl_commands; *command && count < 63; command++) {
        if (strcmp((*command)->name, name) == 0) return *command;
        names[count++] = (*command)->name;
    }
    names[count] = NULL;
    const char *near = gsp_suggest(name, names);
    ctl_usage(ctl, "there is no command '%s'%s%s%s", name, near ? "; did you mean " : "", near ? near : "",
              near ? "?" : "");
    return NULL;
}

static int unknown_option(const struct ctl *ctl, const char *word)
{
    const char *names[CTL_OPTIONS_MAX + 3];
    size_t count = 0;
    const struct ctl_option *known = ctl->command->options;
    for (size_t i = 0; known && known[i].name; i++) names[count++] = known[i].name;
    if (ctl->command->json) names[count++] = "--json";
    names[count++] = "--help";
    names[count] = NULL;
    if (strcmp(word, "-s") == 0)
        return ctl_usage(ctl, "-s SOCKET is given before the command: gossipctl -s SOCKET %s", ctl->command->name);
    const char *near = gsp_suggest(word, names);
    return ctl_usage(ctl, "%s has no option '%s'%s%s%s", ctl->command->name, word, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

/* One option at argv[*at], which is moved past its value. 0, or an exit code. */
static int take_option(struct ctl *ctl, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;
    if (ctl->command->json && strcmp(word, "--json") == 0) {
        ctl->json = true;
        return 0;
    }
    const struct ctl_option *known = ctl->command->options;
    for (size_t i = 0; known && known[i].name; i++) {
        if (strncmp(known[i].name, word, length) != 0 || known[i].name[length]) continue;
        if (ctl->values[i]) return ctl_usage(ctl, "%s is given twice", known[i].name);
        if (!known[i].argument && value) return ctl_usage(ctl, "%s takes no value", known[i].name);
        if (known[i].argument && !value && *at + 1 < argc) value = argv[++*at];
        if (known[i].argument && (!value || !*value))
            return ctl_usage(ctl, "%s needs its %s", known[i].name, known[i].argument);
        ctl->values[i] = value ? value : "";
        return 0;
    }
    return unknown_option(ctl, word);
}

/* Sorts a command's words into options and operands and runs it. */
static int run_command(struct ctl *ctl, int argc, char **argv)
{
    int operands = 0;
    bool all_operands = false;
    for (int i = 0; i < argc; i++) {
        if (all_operands || argv[i][0] != '-' || !argv[i][1]) {
            argv[operands++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            all_operands = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return ctl_print_help(ctl->command);
        } else {
            int rc = take_option(ctl, argc, argv, &i);
            if (rc) return rc;
        }
    }
    if (operands < ctl->command->least) return ctl_usage(ctl, "%s needs more than that", ctl->command->name);
    if (ctl->command->most >= 0 && operands > ctl->command->most)
        return ctl_usage(ctl, "'%s' is one word too many for %s", argv[ctl->command->most], ctl->command->name);
    return ctl->command->run(ctl, operands, argv);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "-h") == 0 || strcmp(argv[at], "--help") == 0) return ctl_print_help(NULL);
        if (strcmp(argv[at], "--version") == 0) return ctl_find(ctl, "version")->run(ctl, 0, NULL);
        if (strncmp(argv[at], "-s", 2) != 0)
            return ctl_usage(ctl, "there is no option '%s' before the command%s", argv[at],
                             strcmp(argv[at], "--json") == 0 ? "; --json is given after it" : "");
        ctl->socket = argv[at][2] ? argv[at] + 2 : argv[at + 1];
        if (!argv[at][2]) at++;
        if (!ctl->socket || !*ctl->socket) return ctl_usage(ctl, "-s needs its SOCKET");
    }
    if (at >= argc) return ctl_usage(ctl, "which command?");
    ctl->command = ctl_find(ctl, argv[at]);
    if (!ctl->command) return EXIT_USAGE;
    return run_command(ctl, argc - at - 1, argv + at + 1);
}

int main(int argc, char **argv)
{
    files_fill_standard();
    const char *environment = getenv("GOSSIPD_SOCKET");
    struct ctl ctl = {.socket = environment && *environment ? environment : CTL_SOCKET};
    return common_finish(run(&ctl, argc, argv));
}
