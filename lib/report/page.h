/* Text that grows, colours, and numbers as people read them. */
#ifndef GOSSIP_REPORT_PAGE_H
#define GOSSIP_REPORT_PAGE_H

#include <gossip/report.h>

/* Zero-initialise; end with gsp__page_finish, which frees or hands over. What finds no memory is remembered, so that
 * only the end need be looked at. */
struct gsp__page {
    struct gsp_buffer buffer;
    bool failed;
};
void gsp__page_add(struct gsp__page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gsp__page_repeat(struct gsp__page *page, char letter, size_t times);
/* The whole text, the caller's to free; NULL if there was no memory for all of it. */
char *gsp__page_finish(struct gsp__page *page);

enum gsp__colour { GSP__PLAIN, GSP__BOLD, GSP__DIM, GSP__RED, GSP__GREEN, GSP__YELLOW };
/* The escape sequences around coloured text, empty without colour. */
const char *gsp__colour_on(const struct gsp_style *style, enum gsp__colour colour);
const char *gsp__colour_off(const struct gsp_style *style, enum gsp__colour colour);

/* "  label      ": what stands before an entry's text. */
void gsp__page_entry_head(struct gsp__page *page, const struct gsp_style *style, const char *label);
/* "  label      text", the text broken between words to the style's width and its further lines indented. */
void gsp__page_entry(struct gsp__page *page, const struct gsp_style *style, const char *label, const char *text);
enum { GSP__ENTRY_INDENT = 13 };

/* How many columns a text takes: one for each of its characters. */
size_t gsp__text_columns(const char *text);

/* Numbers for people; "-" if not known. */
void gsp__format_number(char out[GSP_SHORT], double number);      /* about four digits */
void gsp__format_percent(char out[GSP_SHORT], double fraction);   /* 84.2 % */
void gsp__format_scientific(char out[GSP_SHORT], double number);  /* 1.2e-03 */
void gsp__format_milliseconds(char out[GSP_SHORT], double value); /* 0.4 ms */

#endif
