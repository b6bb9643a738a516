/* `gossipctl help`: everything here comes from the tables. */
#include "ctl.h"

#include <gossip/config.h>

#include <stdio.h>
#include <string.h>

enum { WIDTH = 79 };

/* Prints `text` in lines of at most WIDTH columns, all but the first indented. `column` is where the first begins. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > indent && column + 1 + word > WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_entry(const char *name, const char *text)
{
    enum { INDENT = 20 };
    printf("  %-*s", INDENT - 2, name);
    if (strlen(name) > INDENT - 3) printf("\n%*s", INDENT, "");
    print_wrapped(text, INDENT, INDENT);
}

static void print_settings(void)
{
    puts("\nSettings:");
    for (const struct gsp_option *option = gsp_settings_options(); option->key; option++) {
        char text[500];
        snprintf(text, sizeof text, "%s (default %s)", option->help, option->fallback);
        print_entry(option->key, text);
    }
}

static int print_command(const struct ctl_command *command)
{
    printf("usage: gossipctl %s%s%s%s\n\n", command->name, *command->synopsis ? " " : "", command->synopsis,
           command->json ? " [--json]" : "");
    fputs(command->details, stdout);
    if (command->settings) print_settings();
    bool any = command->json || (command->options && command->options->name);
    if (any) puts("\nOptions:");
    for (const struct ctl_option *option = command->options; option && option->name; option++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        print_entry(name, option->help);
    }
    if (command->json) print_entry("--json", "print JSON, for programs to read");
    return EXIT_DONE;
}

static int print_overview(void)
{
    fputs("usage: gossipctl [-s SOCKET] COMMAND ...\n\n"
          "Sets up networks of gossipd nodes, starts and watches the training they do together.\n\n"
          "Commands:\n",
          stdout);
    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        print_entry(command->name, command->summary);
    fputs("\nOptions:\n", stdout);
    print_entry("-s SOCKET", "the control socket of the daemon to talk to: State/control.sock of its gossipd.conf "
                             "(default: the environment's GOSSIPD_SOCKET, else " CTL_SOCKET ")");
    print_entry("-h, --help", "this text; after a command, that command's");
    print_entry("--version", "the version");
    fputs("\nExit codes: 0 done, 1 failed, 3 no daemon at that socket, 64 wrong use, 78 wrong\n"
          "configuration or data.\n\n"
          "A first network, nine nodes on this machine:\n"
          "  gossipctl init --nodes 9 --topology torus --dir net \\\n"
          "      --data synthetic:objective=linear,samples=900,features=20\n"
          "  for node in net/n*; do gossipd -c $node/gossipd.conf & done\n"
          "  gossipctl -s net/n001/state/control.sock start objective=linear --wait\n",
          stdout);
    return EXIT_DONE;
}

int ctl_print_help(const struct ctl_command *command)
{
    return command ? print_command(command) : print_overview();
}

int ctl_help(struct ctl *ctl, int argc, char **argv)
{
    if (argc == 0) return print_overview();
    const char *names[64];
    size_t count = 0;
    for (const struct ctl_command *command = ctl_commands; command->name; command++) {
        if (strcmp(command->name, argv[0]) == 0) return print_command(command);
        if (count < 63) names[count++] = command->name;
    }
    names[count] = NULL;
    const char *near = gsp_suggest(argv[0], names);
    return ctl_usage(ctl, "there is no command '%s'%s%s%s", argv[0], near ? "; did you mean " : "", near ? near : "",
                     near ? "?" : "");
}
