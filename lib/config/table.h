/* What the parsers of lib/config share about option tables. */
#ifndef GOSSIP_CONFIG_TABLE_H
#define GOSSIP_CONFIG_TABLE_H

#include <gossip/config.h>

/* The entry of `key` in `section` (NULL: the settings of a run), or NULL. */
const struct gsp_option *gsp__option_find(const struct gsp_option *options, const char *section, const char *key);
/* The known key of `section` nearest to `key`, or NULL. */
const char *gsp__option_suggest(const struct gsp_option *options, const char *section, const char *key);
/* The index of `value` among the space-separated `choices`, or -1. For a choice that ends in ':' the value must begin
 * with it and go on. */
int gsp__choice_index(const char *choices, const char *value);

#endif
