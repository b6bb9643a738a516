/* A strict INI parser: every problem in one pass, each with its line and what to do about it. */
#include "ini.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 4096, MOST_SECTIONS = 16 };

struct reader {
    struct gsp__ini *ini;
    const struct gsp_option *options;
    const char *file;
    struct gsp_problems *problems;
    int line;
    long section; /* index of the section in hand; -1: none yet; -2: in one that is not known (already reported) */
    int rc;
};

enum { NO_SECTION = -1, UNKNOWN_SECTION = -2 };

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts the comment and the white space around what is left. */
static char *trim(char *text)
{
    for (char *p = text; *p; p++) {
        if (*p == '#' && (p == text || blank(p[-1]))) {
            *p = 0;
            break;
        }
    }
    while (blank(*text)) text++;
    size_t length = strlen(text);
    while (length && blank(text[length - 1])) text[--length] = 0;
    return text;
}

static const struct gsp_option *first_option(const struct gsp_option *options, const char *section)
{
    for (; options->key; options++)
        if (options->section && strcmp(options->section, section) == 0) return options;
    return NULL;
}

static const char *suggest_section(const struct gsp_option *options, const char *name)
{
    const char *names[MOST_SECTIONS + 1];
    size_t count = 0;
    for (; options->key && count < MOST_SECTIONS; options++)
        if (count == 0 || strcmp(names[count - 1], options->section) != 0) names[count++] = options->section;
    names[count] = NULL;
    return gsp_suggest(name, names);
}

static void no_memory(struct reader *reader)
{
    reader->rc = GSP_ERR_NOMEM;
    gsp_problems_add(reader->problems, "%s:%d: out of memory", reader->file, reader->line);
}

static void open_section(struct reader *reader, const struct gsp_option *option)
{
    struct gsp__ini *ini = reader->ini;
    if ((ini->count & (ini->count - 1)) == 0) { /* full at every power of two */
        size_t room = ini->count ? 2 * ini->count : 1;
        struct gsp__ini_section *grown = realloc(ini->sections, room * sizeof *grown);
        if (!grown) {
            no_memory(reader);
            return;
        }
        ini->sections = grown;
    }
    ini->sections[ini->count] = (struct gsp__ini_section){.name = option->section, .line = reader->line};
    reader->section = (long)ini->count++;
}

static void read_header(struct reader *reader, char *text)
{
    size_t length = strlen(text);
    reader->section = UNKNOWN_SECTION;
    if (text[length - 1] != ']') {
        gsp_problems_add(reader->problems, "%s:%d: '%.60s' lacks its closing ']'", reader->file, reader->line, text);
        return;
    }
    text[length - 1] = 0;
    char *name = trim(text + 1);
    const struct gsp_option *option = first_option(reader->options, name);
    if (!option) {
        const char *near = suggest_section(reader->options, name);
        gsp_problems_add(reader->problems, "%s:%d: there is no section [%.60s]%s%s%s", reader->file, reader->line, name,
                         near ? "; did you mean [" : "", near ? near : "", near ? "]?" : "");
        return;
    }
    for (size_t i = 0; i < reader->ini->count && !option->repeatable; i++) {
        if (strcmp(reader->ini->sections[i].name, name) != 0) continue;
        gsp_problems_add(reader->problems, "%s:%d: a second [%s]: the first is on line %d; join them into one",
                         reader->file, reader->line, name, reader->ini->sections[i].line);
        reader->section = (long)i;
        return;
    }
    open_section(reader, option);
}

static void add_entry(struct reader *reader, const struct gsp_option *option, const char *value)
{
    struct gsp__ini_section *section = &reader->ini->sections[reader->section];
    struct gsp__ini_entry *grown = realloc(section->entries, (section->count + 1) * sizeof *grown);
    char *copy = gsp_strdup(value);
    if (grown) section->entries = grown;
    if (!grown || !copy) {
        free(copy);
        no_memory(reader);
        return;
    }
    grown[section->count++] = (struct gsp__ini_entry){.option = option, .value = copy, .line = reader->line};
}

static void unknown_key(struct reader *reader, const char *section, const char *key)
{
    const char *near = gsp__option_suggest(reader->options, section, key);
    const char *elsewhere = NULL;
    for (const struct gsp_option *o = reader->options; o->key && !near && !elsewhere; o++)
        if (strcmp(o->key, key) == 0) elsewhere = o->section;
    const char *lead = near ? "; did you mean " : elsewhere ? "; it belongs in [" : "";
    gsp_problems_add(reader->problems, "%s:%d: [%s] has no key '%.60s'%s%s%s", reader->file, reader->line, section, key,
                     lead,
                     near        ? near
                     : elsewhere ? elsewhere
                                 : "",
                     near        ? "?"
                     : elsewhere ? "]"
                                 : "");
}

static void read_pair(struct reader *reader, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals) {
        gsp_problems_add(reader->problems, "%s:%d: '%.60s' is neither [section] nor key = value", reader->file,
                         reader->line, text);
        return;
    }
    *equals = 0;
    char *key = trim(text), *value = equals + 1;
    while (blank(*value)) value++;
    if (reader->section == UNKNOWN_SECTION) return;
    if (reader->section == NO_SECTION) {
        gsp_problems_add(reader->problems, "%s:%d: %.60s stands before any [section]", reader->file, reader->line, key);
        return;
    }
    const struct gsp__ini_section *section = &reader->ini->sections[reader->section];
    const struct gsp_option *option = gsp__option_find(reader->options, section->name, key);
    if (!option) {
        unknown_key(reader, section->name, key);
        return;
    }
    const struct gsp__ini_entry *before = gsp__ini_find(section, key);
    if (before) {
        gsp_problems_add(reader->problems, "%s:%d: %s is given twice in this [%s]: first on line %d; keep one",
                         reader->file, reader->line, key, section->name, before->line);
        return;
    }
    char reason[400];
    if (gsp_option_check(option, value, reason, sizeof reason)) {
        gsp_problems_add(reader->problems, "%s:%d: %s", reader->file, reader->line, reason);
        value = ""; /* the key was given, so that it is not reported as missing too */
    }
    add_entry(reader, option, value);
}

static void read_line(struct reader *reader, const char *bytes, size_t length)
{
    char line[LONGEST_LINE + 1];
    if (length && bytes[length - 1] == '\r') length--;
    if (length > LONGEST_LINE) {
        gsp_problems_add(reader->problems, "%s:%d: the line is longer than %d characters", reader->file, reader->line,
                         LONGEST_LINE);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= ' ' || c == '\t') continue;
        gsp_problems_add(reader->problems, "%s:%d: column %zu holds the control character 0x%02x: is this a text file?",
                         reader->file, reader->line, i + 1, c);
        return;
    }
    memcpy(line, bytes, length);
    line[length] = 0;
    char *text = trim(line);
    if (*text == '[')
        read_header(reader, text);
    else if (*text)
        read_pair(reader, text);
}

static bool has_section(const struct gsp__ini *ini, const char *name)
{
    for (size_t i = 0; i < ini->count; i++)
        if (strcmp(ini->sections[i].name, name) == 0) return true;
    return false;
}

static bool is_required(const struct gsp__ini *ini, const struct gsp_option *option)
{
    return option->required && !(option->unless && has_section(ini, option->unless));
}

static void report_missing(struct reader *reader, const struct gsp__ini_section *section)
{
    for (const struct gsp_option *o = reader->options; o->key; o++)
        if (is_required(reader->ini, o) && strcmp(o->section, section->name) == 0 && !gsp__ini_find(section, o->key))
            gsp_problems_add(reader->problems, "%s:%d: this [%s] lacks %s: %s", reader->file, section->line,
                             section->name, o->key, o->help);
}

static void report_absent_sections(struct reader *reader)
{
    const char *reported = "";
    for (const struct gsp_option *o = reader->options; o->key; o++) {
        if (has_section(reader->ini, o->section) || !is_required(reader->ini, o) || o->repeatable ||
            strcmp(reported, o->section) == 0)
            continue;
        reported = o->section;
        gsp_problems_add(reader->problems, "%s: there is no [%s], which must give %s: %s", reader->file, o->section,
                         o->key, o->help);
    }
}

int gsp__ini_parse(struct gsp__ini *ini, const struct gsp_option *options, const char *file, const char *text,
                   size_t length, struct gsp_problems *problems)
{
    *ini = (struct gsp__ini){0};
    struct reader reader = {.ini = ini, .options = options, .file = file, .problems = problems, .section = NO_SECTION};
    size_t before = problems->count + problems->untold;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        gsp_problems_add(problems, "%s:1: the file begins with a byte order mark: save it as plain UTF-8", file);
        text += 3;
        length -= 3;
    }
    for (size_t at = 0; at < length && !reader.rc;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t line = end ? (size_t)(end - text) - at : length - at;
        reader.line++;
        read_line(&reader, text + at, line);
        at += line + 1;
        if (problems->count + problems->untold - before >= GSP__INI_PROBLEMS) {
            gsp_problems_add(problems, "%s:%d: that is enough; what follows was not read", file, reader.line);
            return GSP_ERR_LIMIT;
        }
    }
    for (size_t i = 0; i < ini->count && !reader.rc; i++) report_missing(&reader, &ini->sections[i]);
    if (!reader.rc) report_absent_sections(&reader);
    if (reader.rc) return reader.rc;
    return problems->count + problems->untold > before ? GSP_ERR_CONFIG : 0;
}

void gsp__ini_clear(struct gsp__ini *ini)
{
    for (size_t i = 0; i < ini->count; i++) {
        for (size_t j = 0; j < ini->sections[i].count; j++) free(ini->sections[i].entries[j].value);
        free(ini->sections[i].entries);
    }
    free(ini->sections);
    *ini = (struct gsp__ini){0};
}

const struct gsp__ini_entry *gsp__ini_find(const struct gsp__ini_section *section, const char *key)
{
    for (size_t i = 0; i < section->count; i++)
        if (strcmp(section->entries[i].option->key, key) == 0) return &section->entries[i];
    return NULL;
}
