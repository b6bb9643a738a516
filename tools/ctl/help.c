/* `gossipctl help`: everything here comes from the tables. */
#include "ctl.h"

#include <gossip/config.h>

#include <stdio.h>
#include <string.h>

static int print_command(const struct ctl_command *command)
{
    printf("usage: gossipctl %s%s%s%s\n\n", command->name, *command->synopsis ? " " : "", command->synopsis,
           command->json ? " [--json]" : "");
    fputs(command->details, stdout);
    if (command->settings) common_print_settings();
    bool any = command->json || (command->options && command->options->name);
    if (any) puts("\nOptions:");
    for (const struct ctl_option *option = command->options; option && option->name; option++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        common_print_entry(name, option->help);
    }
    if (command->json) common_print_entry("--json", CTL_JSON_HELP);
    return EXIT_DONE;
}

static int print_overview(void)
{
    fputs("usage: gossipctl [-s SOCKET] COMMAND ...\n\n"
          "Sets up networks of gossipd nodes, starts and watches the training they do together.\n\n"
          "Commands:\n",
          stdout);
    for (const struct ctl_command *const *command = ctl_commands; *command; command++)
        common_print_entry((*command)->name, (*command)->summary);
    fputs("\nOptions:\n", stdout);
    common_print_entry("-s SOCKET",
                       "the control socket of the daemon to talk to: State/control.sock of its gossipd.conf "
                       "(default: the environment's GOSSIPD_SOCKET, else " CTL_SOCKET ")");
    common_print_entry("-h, --help", "this text; after a command, that command's");
    common_print_entry("--version", "the version");
    fputs("\nExit codes: 0 done, 1 failed, 3 no daemon at that socket, 64 wrong use, 78 wrong\n"
          "configuration or data.\n\n"
          "A first network, nine nodes on this host:\n",
          stdout);
    for (const char *line = CTL_FIRST_NETWORK; *line; line = strchr(line, '\n') + 1)
        printf("  %.*s\n", (int)strcspn(line, "\n"), line);
    return EXIT_DONE;
}

int ctl_print_help(const struct ctl_command *command)
{
    return command ? print_command(command) : print_overview();
}

static int run_help(struct ctl *ctl, int argc, char **argv)
{
    if (ctl_value(ctl, "--manual")) return ctl_print_manual();
    if (argc == 0) return print_overview();
    const struct ctl_command *command = ctl_find(ctl, argv[0]);
    return command ? print_command(command) : EXIT_USAGE;
}

static const struct ctl_option help_options[] = {
    {"--manual", NULL, "print the manual page, in mdoc, instead"},
    {0},
};

const struct ctl_command ctl_help = {
    .name = "help",
    .synopsis = "[COMMAND]",
    .summary = "explain a command",
    .details = "Explains a command, or lists them all.\n",
    .options = help_options,
    .most = 1,
    .run = run_help,
};
