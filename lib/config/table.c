/* Option tables: looking keys up and checking values against their types and ranges. */
#include "table.h"

#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 64 };

static bool same_section(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct gsp_option *gsp__option_find(const struct gsp_option *options, const char *section, const char *key)
{
    for (; options->key; options++)
        if (same_section(options->section, section) && strcmp(options->key, key) == 0) return options;
    return NULL;
}

const char *gsp__option_suggest(const struct gsp_option *options, const char *section, const char *key)
{
    const char *keys[MOST_WORDS + 1];
    size_t count = 0;
    for (; options->key && count < MOST_WORDS; options++)
        if (same_section(options->section, section)) keys[count++] = options->key;
    keys[count] = NULL;
    return gsp_suggest(key, keys);
}

int gsp__choice_index(const char *choices, const char *value)
{
    size_t given = strlen(value);
    for (int index = 0; *choices; index++) {
        size_t length = strcspn(choices, " ");
        bool prefix = length && choices[length - 1] == ':';
        if (strncmp(choices, value, length) == 0 && (prefix ? given > length : given == length)) return index;
        choices += length;
        choices += strspn(choices, " ");
    }
    return -1;
}

/* The choice nearest to `value`, copied to `out`; false if none is near. */
static bool suggest_choice(const char *choices, const char *value, char *out, size_t size)
{
    char words[512];
    const char *list[MOST_WORDS + 1];
    size_t count = 0;
    snprintf(words, sizeof words, "%s", choices);
    char *rest = words;
    for (char *word; count < MOST_WORDS && (word = strtok_r(rest, " ", &rest));) list[count++] = word;
    list[count] = NULL;
    const char *near = gsp_suggest(value, list);
    if (near) snprintf(out, size, "%s", near);
    return near != NULL;
}

/* "an integer from 1 to 10 (rounds)" and the like. */
static void describe(const struct gsp_option *option, char *text, size_t size)
{
    char low[32], high[32];
    gsp_number_format(low, sizeof low, option->minimum);
    gsp_number_format(high, sizeof high, option->maximum);
    const char *what = option->type == GSP_OPTION_COUNT ? "an integer" : "a number";
    bool open = option->maximum >= 1e18; /* a bound nobody wants to read */
    snprintf(text, size, "%s%s%s%s %s%s%s%s%s", option->choices ? "'" : "", option->choices ? option->choices : "",
             option->choices ? "' or " : "", what, open ? "not below " : "from ", low, open ? "" : " to ",
             open ? "" : high, option->unit ? " " : "");
    if (option->unit) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "(%s)", option->unit);
    }
}

static int check_numeric(const struct gsp_option *option, const char *value, char *reason, size_t size)
{
    if (option->choices && strcmp(option->choices, value) == 0) return 0;
    uint64_t count = 0;
    double number = 0;
    int rc = option->type == GSP_OPTION_COUNT ? gsp_count_parse(&count, value) : gsp_number_parse(&number, value);
    if (option->type == GSP_OPTION_COUNT) number = (double)count;
    if (!rc && number >= option->minimum && number <= option->maximum) return 0;
    char allowed[200];
    describe(option, allowed, sizeof allowed);
    snprintf(reason, size, "%s = %.80s is %s: give %s", option->key, value, rc ? "not such a number" : "out of range",
             allowed);
    return GSP_ERR_CONFIG;
}

static int check_choice(const struct gsp_option *option, const char *value, char *reason, size_t size)
{
    if (gsp__choice_index(option->choices, value) >= 0) return 0;
    char near[80] = "";
    bool found = suggest_choice(option->choices, value, near, sizeof near);
    snprintf(reason, size, "%s = %.80s is not known%s%s%s one of %s", option->key, value,
             found ? "; did you mean " : "", near, found ? "? Give" : ": give", option->choices);
    return GSP_ERR_CONFIG;
}

int gsp_option_check(const struct gsp_option *option, const char *value, char *reason, size_t size)
{
    if (!*value) {
        snprintf(reason, size, "%s has no value: %s", option->key, option->help);
        return GSP_ERR_CONFIG;
    }
    switch (option->type) {
    case GSP_OPTION_COUNT:
    case GSP_OPTION_NUMBER:
        return check_numeric(option, value, reason, size);
    case GSP_OPTION_YES_NO:
        if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0) return 0;
        snprintf(reason, size, "%s = %.80s is neither yes nor no", option->key, value);
        return GSP_ERR_CONFIG;
    case GSP_OPTION_CHOICE:
        return check_choice(option, value, reason, size);
    case GSP_OPTION_TEXT:
        break;
    }
    return 0;
}
