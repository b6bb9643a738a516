/* Kinds with parameters as text, "topk:fraction=0.1,values=f64": one grammar for whatever a setting may name. */
#include <gossip/config.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 200, NAMES_MAX = 64 };

/* ---- a parameter where it is stored; its value as a number: a word by its place in the list, a flag as 0 or 1 ---- */

static void store(void *target, const struct gsp_parameter *parameter, double value)
{
    char *place = (char *)target + parameter->offset;
    const size_t count = (size_t)value;
    const int word = (int)value;
    const bool flag = value != 0;
    switch (parameter->type) {
    case GSP_PARAMETER_NUMBER:
        memcpy(place, &value, sizeof value);
        break;
    case GSP_PARAMETER_COUNT:
        memcpy(place, &count, sizeof count);
        break;
    case GSP_PARAMETER_FLAG:
        memcpy(place, &flag, sizeof flag);
        break;
    case GSP_PARAMETER_WORD:
        memcpy(place, &word, sizeof word);
        break;
    }
}

static double load(const void *target, const struct gsp_parameter *parameter)
{
    const char *place = (const char *)target + parameter->offset;
    double number = 0;
    size_t count;
    int word;
    bool flag;
    switch (parameter->type) {
    case GSP_PARAMETER_NUMBER:
        memcpy(&number, place, sizeof number);
        break;
    case GSP_PARAMETER_COUNT:
        memcpy(&count, place, sizeof count);
        return (double)count;
    case GSP_PARAMETER_FLAG:
        memcpy(&flag, place, sizeof flag);
        return flag;
    case GSP_PARAMETER_WORD:
        memcpy(&word, place, sizeof word);
        return word;
    }
    return number;
}

/* ---- reading ---- */

const struct gsp_kind *gsp_kind_find(const struct gsp_kind *const *kinds, const char *name)
{
    while (*kinds && strcmp((*kinds)->name, name) != 0) kinds++;
    return *kinds;
}

/* unknown key "fracton" (did you mean "fraction"?); there are fraction, values */
static int unknown(struct gsp_error *error, const char *what, const char *word, const char *const *known)
{
    const char *near = gsp_suggest(word, known);
    char list[400] = "";
    for (size_t i = 0, at = 0; known[i] && at < sizeof list; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", known[i]);
    return gsp_error_set(error, GSP_ERR_CONFIG, "unknown %s \"%s\"%s%s%s; %s %s", what, word,
                         near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "",
                         *list ? "there are" : "there are none", list);
}

static int set_word(void *target, const struct gsp_parameter *parameter, const char *value, struct gsp_error *error)
{
    char what[64];
    for (int i = 0; parameter->words[i]; i++) {
        if (strcmp(parameter->words[i], value) != 0) continue;
        store(target, parameter, i);
        return 0;
    }
    snprintf(what, sizeof what, "word for %s", parameter->key);
    return unknown(error, what, value, parameter->words);
}

static int set_value(void *target, const struct gsp_parameter *parameter, const char *value, struct gsp_error *error)
{
    char most[32];
    uint64_t count;
    double number = 1;
    gsp_number_format(most, sizeof most, parameter->maximum);
    switch (parameter->type) {
    case GSP_PARAMETER_NUMBER:
        if (gsp_number_parse(&number, value) || !(number > 0 && number <= parameter->maximum))
            return gsp_error_set(error, GSP_ERR_CONFIG, "%s=%s must be a number above 0, at most %s", parameter->key,
                                 value, most);
        break;
    case GSP_PARAMETER_COUNT:
        if (gsp_count_parse(&count, value) || count < 1 || (double)count > parameter->maximum)
            return gsp_error_set(error, GSP_ERR_CONFIG, "%s=%s must be an integer from 1 to %s", parameter->key, value,
                                 most);
        number = (double)count;
        break;
    case GSP_PARAMETER_FLAG:
        break;
    case GSP_PARAMETER_WORD:
        return set_word(target, parameter, value, error);
    }
    store(target, parameter, number);
    return 0;
}

/* The place of a key among the kind's parameters, or -1. */
static int find_key(const struct gsp_kind *kind, const char *key, struct gsp_error *error)
{
    const char *known[NAMES_MAX + 1] = {NULL};
    char what[64];
    for (int i = 0; kind->parameters[i].key; i++) {
        if (strcmp(kind->parameters[i].key, key) == 0) return i;
        known[i] = kind->parameters[i].key;
    }
    snprintf(what, sizeof what, "key of %s", kind->name);
    unknown(error, what, key, known);
    return -1;
}

/* One "key=value", or a flag's key alone. */
static int set_item(const struct gsp_kind *kind, void *target, char *item, uint64_t *given, struct gsp_error *error)
{
    char *value = strchr(item, '=');
    if (value) *value++ = 0;
    int i = find_key(kind, item, error);
    if (i < 0) return GSP_ERR_CONFIG;
    const struct gsp_parameter *parameter = &kind->parameters[i];
    bool flag = parameter->type == GSP_PARAMETER_FLAG;
    if (*given >> i & 1) return gsp_error_set(error, GSP_ERR_CONFIG, "%s is given twice", item);
    if (flag && value) return gsp_error_set(error, GSP_ERR_CONFIG, "%s takes no value", item);
    if (!flag && !value) return gsp_error_set(error, GSP_ERR_CONFIG, "%s lacks its value; write %s=...", item, item);
    *given |= UINT64_C(1) << i;
    return set_value(target, parameter, value, error);
}

static int parse(const struct gsp_kind *const *kinds, char *text, const struct gsp_kind **out, void *target,
                 struct gsp_error *error)
{
    uint64_t given = 0;
    char *items = strchr(text, ':');
    if (items) *items++ = 0;
    const struct gsp_kind *kind = gsp_kind_find(kinds, text);
    if (!kind) {
        const char *names[NAMES_MAX + 1] = {NULL};
        for (size_t i = 0; i < NAMES_MAX && kinds[i]; i++) names[i] = kinds[i]->name;
        return unknown(error, "name", text, names);
    }
    for (const struct gsp_parameter *p = kind->parameters; p->key; p++) store(target, p, p->fallback);
    while (items) {
        char *item = items;
        items = strchr(items, ',');
        if (items) *items++ = 0;
        int rc = set_item(kind, target, item, &given, error);
        if (rc) return rc;
    }
    for (int i = 0; kind->parameters[i].key; i++)
        if (kind->parameters[i].required && !(given >> i & 1))
            return gsp_error_set(error, GSP_ERR_CONFIG, "%s lacks %s; write for example %s", kind->name,
                                 kind->parameters[i].key, kind->example);
    *out = kind;
    return 0;
}

int gsp_kind_parse(const struct gsp_kind *const *kinds, const char *what, const char *text, const struct gsp_kind **out,
                   void *target, struct gsp_error *error)
{
    char copy[LONGEST + 1];
    if (strlen(text) > LONGEST)
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s: the text is longer than %d characters", what, LONGEST);
    memcpy(copy, text, strlen(text) + 1);
    int rc = parse(kinds, copy, out, target, error);
    if (rc) gsp_error_prefix(error, "%s \"%s\"", what, text);
    return rc;
}

/* ---- writing ---- */

static void format_value(const struct gsp_parameter *parameter, double value, char *text, size_t size)
{
    char number[32];
    gsp_number_format(number, sizeof number, value);
    if (parameter->type == GSP_PARAMETER_FLAG)
        snprintf(text, size, "%s", parameter->key);
    else
        snprintf(text, size, "%s=%s", parameter->key,
                 parameter->type == GSP_PARAMETER_WORD ? parameter->words[(int)value] : number);
}

void gsp_kind_format(const struct gsp_kind *kind, const void *target, char *text, size_t size)
{
    size_t at = (size_t)snprintf(text, size, "%s", kind->name);
    bool any = false;
    for (const struct gsp_parameter *p = kind->parameters; p->key && at < size; p++) {
        char item[80];
        double value = load(target, p);
        if (!p->required && value == p->fallback) continue;
        format_value(p, value, item, sizeof item);
        at += (size_t)snprintf(text + at, size - at, "%c%s", any ? ',' : ':', item);
        any = true;
    }
}

/* The parameters that are required stand first in every table. */
void gsp_kind_usage(const struct gsp_kind *kind, char *text, size_t size)
{
    size_t at = (size_t)snprintf(text, size, "%s", kind->name);
    const bool some = kind->parameters->required; /* then each optional one has brackets of its own */
    bool any = false;
    for (const struct gsp_parameter *p = kind->parameters; p->key && at < size; p++) {
        const char *open = !p->required && (some || !any) ? "[" : "", *close = !p->required && some ? "]" : "";
        at += (size_t)snprintf(text + at, size - at, "%s%c%s%s%s%s", open, any ? ',' : ':', p->key,
                               p->letter ? "=" : "", p->letter ? p->letter : "", close);
        any = true;
    }
    if (any && !some && at < size) snprintf(text + at, size - at, "]");
}
