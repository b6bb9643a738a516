/* The strict INI parser behind peers.conf and gossipd.conf. */
#ifndef GOSSIP_CONFIG_INI_H
#define GOSSIP_CONFIG_INI_H

#include <gossip/config.h>

struct gsp__ini_entry {
    const struct gsp_option *option;
    char *value;
    int line;
};

struct gsp__ini_section {
    const char *name; /* the table's */
    int line;
    size_t count;
    struct gsp__ini_entry *entries;
};

struct gsp__ini {
    size_t count;
    struct gsp__ini_section *sections; /* in the order of the file */
};

/* Reads sections and "key = value" lines, checking every key and value against the table. A section whose options are
 * `repeatable` starts anew at each header; any other may stand once. '#' begins a comment at the start of a line or
 * after white space. All problems are added with file and line. Returns 0, GSP_ERR_CONFIG (the rest is in *ini;
 * a bad value is empty), GSP_ERR_LIMIT (after GSP__INI_PROBLEMS of them reading stopped) or GSP_ERR_NOMEM;
 * gsp__ini_clear frees in each case. */
#define GSP__INI_PROBLEMS 40
int gsp__ini_parse(struct gsp__ini *ini, const struct gsp_option *options, const char *file, const char *text,
                   size_t length, struct gsp_problems *problems);
void gsp__ini_clear(struct gsp__ini *ini);
/* The entry of `key`, or NULL. */
const struct gsp__ini_entry *gsp__ini_find(const struct gsp__ini_section *section, const char *key);

#endif
