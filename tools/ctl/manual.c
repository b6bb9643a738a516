/* `gossipctl help --manual`: the manual page, in mdoc, from the same tables as everything else. The build makes
 * gossipctl.1 of it. */
#include "ctl.h"
#include "daemon/commands.h"

#include <gossip/config.h>

#include <stdio.h>
#include <string.h>

/* A word or a line of text: what mdoc would take for itself is escaped. */
static void print_text(const char *text, size_t length)
{
    if (length && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
    }
}

/* Text to be filled: in lines of moderate length, a new one for every sentence. */
static void print_filled(const char *text, size_t length)
{
    enum { WIDTH = 68 }; /* escapes make lines longer */
    const char *end = text + length;
    size_t column = 0;
    while (text < end) {
        size_t word = strcspn(text, " \n");
        if (word > (size_t)(end - text)) word = (size_t)(end - text);
        if (column && column + 1 + word > WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column) putchar(' ');
        print_text(text, word);
        column += word + 1;
        if (word && text[word - 1] == '.') {
            putchar('\n');
            column = 0;
        }
        text += word;
        text += strspn(text, " \n");
    }
    if (column) putchar('\n');
}

/* Paragraphs are parted by empty lines; indented lines are examples, printed as they are. */
static void print_details(const char *text)
{
    bool first = true;
    while (*text) {
        if (*text == '\n') {
            text++;
            continue;
        }
        size_t length = 0;
        bool example = *text == ' ';
        while (text[length] && text[length] != '\n' && (text[length] == ' ') == example)
            length += strcspn(text + length, "\n") + 1;
        if (example) {
            puts(".Bd -literal -offset indent");
            for (const char *line = text; line < text + length; line += strcspn(line, "\n") + 1) {
                print_text(line + 2, strcspn(line, "\n") - 2);
                putchar('\n');
            }
            puts(".Ed");
        } else {
            if (!first) puts(".Pp");
            print_filled(text, length);
        }
        first = false;
        text += length;
    }
}

static void print_option(const char *name, const char *argument, const char *help)
{
    printf(".It Fl ");
    print_text(name + 1, strlen(name + 1));
    if (argument) printf(" Ar %s", argument);
    putchar('\n');
    print_filled(help, strlen(help));
}

static void print_command(const struct ctl_command *command)
{
    printf(".Ss %s", command->name);
    if (*command->synopsis) putchar(' ');
    print_text(command->synopsis, strlen(command->synopsis));
    puts("\\&");
    print_details(command->details);
    if (!command->json && !(command->options && command->options->name)) return;
    puts(".Bl -tag -width Ds");
    for (const struct ctl_option *option = command->options; option && option->name; option++)
        print_option(option->name, option->argument, option->help);
    if (command->json) print_option("--json", NULL, CTL_JSON_HELP);
    puts(".El");
}

static void print_kinds(const struct gsp_kind *const *kinds)
{
    puts(".Bl -tag -width Ds");
    for (; *kinds; kinds++) {
        char usage[128];
        gsp_kind_usage(*kinds, usage, sizeof usage);
        printf(".It Cm ");
        print_text(usage, strlen(usage));
        putchar('\n');
        print_filled((*kinds)->help, strlen((*kinds)->help));
    }
    puts(".El");
}

/* The keys of a file, or (section NULL) the settings of a run. */
static void print_keys(const struct gsp_option *options)
{
    const char *section = NULL;
    if (!options->section) puts(".Bl -tag -width Ds");
    for (const struct gsp_option *option = options; option->key; option++) {
        if (option->section && (!section || strcmp(section, option->section) != 0)) {
            if (section) puts(".El");
            printf("In\n.Bq %s :\n.Bl -tag -width Ds\n", option->section);
        }
        section = option->section;
        printf(".It Cm %s\n", option->key);
        char text[600];
        if (option->fallback)
            snprintf(text, sizeof text, "%s%s (default: %s)", option->help, commands_of_option(option),
                     option->fallback);
        else
            snprintf(text, sizeof text, "%s%s%s", option->help, commands_of_option(option),
                     option->required ? "" : " (optional)");
        print_filled(text, strlen(text));
        if (!option->section && common_kinds(option->key)) print_kinds(common_kinds(option->key));
    }
    puts(".El");
}

int ctl_print_manual(void)
{
    puts(".\\\" Printed by `gossipctl help --manual`; to change it, change the tables.\n"
         ".Dd November 23, 2026\n"
         ".Dt GOSSIPCTL 1\n"
         ".Os\n"
         ".Sh NAME\n"
         ".Nm gossipctl\n"
         ".Nd set up networks of gossipd nodes and train with them\n"
         ".Sh SYNOPSIS\n"
         ".Nm\n"
         ".Op Fl s Ar SOCKET\n"
         ".Ar COMMAND\n"
         ".Op Ar argument ...\n"
         ".Sh DESCRIPTION\n"
         ".Nm\n"
         "makes the files of a network of\n"
         ".Nm gossipd\n"
         "nodes, and starts and watches the training that they do together.\n"
         ".Bl -tag -width Ds\n"
         ".It Fl s Ar SOCKET");
    print_filled(CTL_SOCKET_HELP, strlen(CTL_SOCKET_HELP));
    puts(".El\n.Sh COMMANDS");
    for (const struct ctl_command *const *command = ctl_commands; *command; command++) print_command(*command);
    puts(".Sh SETTINGS\nThe settings of a run, as\n.Cm start\ntakes them:");
    print_keys(gsp_settings_options());
    puts(".Sh ENVIRONMENT\n"
         ".Bl -tag -width Ds\n"
         ".It Ev GOSSIPD_SOCKET\n"
         "The socket when\n"
         ".Fl s\n"
         "is not given.\n"
         ".El\n"
         ".Sh FILES\n"
         ".Ss peers.conf\n"
         "The network, the same file on every host.\n"
         "A sign # at the start of a line or after a space begins a comment.");
    print_keys(gsp_network_options());
    puts(".Ss gossipd.conf\n"
         "What is a host's own.\n"
         "Relative paths count from the folder of the file.");
    print_keys(gsp_daemon_options());
    puts(".Sh EXIT STATUS\n"
         "0 done, 1 failed, 3 no daemon at that socket, 64 wrong use,\n"
         "78 wrong configuration or data.\n"
         ".Sh EXAMPLES\n"
         "A first network, nine nodes on this host:\n"
         ".Bd -literal -offset indent");
    for (const char *line = CTL_FIRST_NETWORK; *line; line = strchr(line, '\n') + 1) {
        print_text(line, strcspn(line, "\n"));
        putchar('\n');
    }
    puts(".Ed");
    return EXIT_DONE;
}
