/* What texts and names inside messages may hold. They end up in terminals and logs of other hosts. */
#ifndef GOSSIP_WIRE_TEXT_H
#define GOSSIP_WIRE_TEXT_H

#include <gossip/base.h>

/* Well-formed UTF-8 without control characters other than newline. */
bool gsp__text_valid(const uint8_t *text, size_t length);
/* A node's name: 1 to GSP_NAME_MAX of a-z 0-9 - . */
bool gsp__text_may_be_name(const char *name);
/* A string field into an array; NULL (an absent field) is the empty text. GSP_ERR_FORMAT if it does not fit. */
int gsp__text_copy(char *out, size_t size, const char *text, const char *field, struct gsp_error *error);

#endif
