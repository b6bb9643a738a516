/* Help as the programs print it: names, and text beside them in lines that fit a terminal. */
#include "common.h"

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

void common_print_entry(const char *name, const char *text)
{
    enum { INDENT = 20 };
    printf("  %-*s", INDENT - 2, name);
    if (strlen(name) > INDENT - 3) printf("\n%*s", INDENT, "");
    print_wrapped(text, INDENT, INDENT);
}

const struct gsp_kind *const *common_kinds(const char *setting)
{
    if (strcmp(setting, "compressor") == 0) return gsp_compressor_kinds();
    return strcmp(setting, "objective") == 0 ? gsp_objective_kinds() : NULL;
}

static void print_kinds(const struct gsp_kind *const *kinds)
{
    enum { INDENT = 30, NAME = 10 };
    for (; kinds && *kinds; kinds++) {
        char usage[128];
        gsp_kind_usage(*kinds, usage, sizeof usage);
        printf("%*s%-*s", INDENT - NAME, "", NAME, usage);
        if (strlen(usage) >= NAME) printf("\n%*s", INDENT, "");
        print_wrapped((*kinds)->help, INDENT, INDENT);
    }
}

void common_print_settings(void)
{
    puts("\nSettings:");
    for (const struct gsp_option *option = gsp_settings_options(); option->key; option++) {
        char text[500];
        snprintf(text, sizeof text, "%s (default %s)", option->help, option->fallback);
        common_print_entry(option->key, text);
        print_kinds(common_kinds(option->key));
    }
}
