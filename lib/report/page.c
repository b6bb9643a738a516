/* Text that grows, and numbers as people read them. */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gsp__page_add(struct gsp__page *page, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0 || gsp_buffer_reserve(&page->buffer, (size_t)length + 1)) {
        page->failed = true;
    } else {
        vsnprintf((char *)page->buffer.data + page->buffer.length, (size_t)length + 1, format, again);
        page->buffer.length += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

void gsp__page_repeat(struct gsp__page *page, char letter, size_t times)
{
    if (gsp_buffer_reserve(&page->buffer, times)) {
        page->failed = true;
        return;
    }
    if (times) memset(page->buffer.data + page->buffer.length, letter, times);
    page->buffer.length += times;
}

char *gsp__page_finish(struct gsp__page *page)
{
    if (gsp_buffer_append(&page->buffer, "", 1)) page->failed = true;
    if (page->failed) gsp_buffer_clear(&page->buffer);
    char *text = (char *)page->buffer.data;
    *page = (struct gsp__page){0};
    return text;
}

const char *gsp__colour_on(const struct gsp_style *style, enum gsp__colour colour)
{
    static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"};
    return style->colour ? codes[colour] : "";
}

const char *gsp__colour_off(const struct gsp_style *style, enum gsp__colour colour)
{
    return style->colour && colour != GSP__PLAIN ? "\x1b[0m" : "";
}

/* Bytes that go on a character (10xxxxxx) take no column of their own. */
static size_t columns_of(const char *text, size_t bytes)
{
    size_t columns = 0;
    for (size_t i = 0; i < bytes; i++) columns += ((uint8_t)text[i] & 0xc0) != 0x80;
    return columns;
}

size_t gsp__text_columns(const char *text)
{
    return columns_of(text, strlen(text));
}

void gsp__page_entry_head(struct gsp__page *page, const struct gsp_style *style, const char *label)
{
    gsp__page_add(page, "  %s%-*s%s", gsp__colour_on(style, GSP__DIM), GSP__ENTRY_INDENT - 2, label,
                  gsp__colour_off(style, GSP__DIM));
}

void gsp__page_entry(struct gsp__page *page, const struct gsp_style *style, const char *label, const char *text)
{
    size_t used = GSP__ENTRY_INDENT;
    bool first = true;
    gsp__page_entry_head(page, style, label);
    while (*text) {
        size_t bytes = strcspn(text, " \n"), columns = columns_of(text, bytes);
        if (bytes && !first && style->width && used + 1 + columns > style->width) {
            gsp__page_add(page, "\n%*s", GSP__ENTRY_INDENT, "");
            used = GSP__ENTRY_INDENT;
            first = true;
        }
        if (bytes) {
            gsp__page_add(page, "%s%.*s", first ? "" : " ", (int)bytes, text);
            used += columns + !first;
            first = false;
        }
        text += bytes;
        if (*text == '\n' && text[1]) {
            gsp__page_add(page, "\n%*s", GSP__ENTRY_INDENT, "");
            used = GSP__ENTRY_INDENT;
            first = true;
        }
        if (*text) text++;
    }
    gsp__page_add(page, "\n");
}

void gsp_format_bytes(char out[GSP_SHORT], uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    enum { LAST = sizeof units / sizeof *units - 1 };
    if (bytes < 1024) {
        snprintf(out, GSP_SHORT, "%d B", (int)bytes);
        return;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    /* 1023.95 would be written 1024.0. */
    while (value >= 1023.95 && unit < LAST) {
        value /= 1024;
        unit++;
    }
    snprintf(out, GSP_SHORT, "%.1f %s", value, units[unit]);
}

void gsp_format_seconds(char out[GSP_SHORT], double seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    if (!(seconds >= 0 && seconds < 1e12)) {
        snprintf(out, GSP_SHORT, "-");
        return;
    }
    long long whole = (long long)(seconds + 0.5);
    if (seconds < 9.95)
        snprintf(out, GSP_SHORT, "%.1f s", seconds);
    else if (whole < MINUTE)
        snprintf(out, GSP_SHORT, "%lld s", whole);
    else if (whole < HOUR)
        snprintf(out, GSP_SHORT, "%lldm%02llds", whole / MINUTE, whole % MINUTE);
    else if (whole < DAY)
        snprintf(out, GSP_SHORT, "%lldh%02lldm", whole / HOUR, whole % HOUR / MINUTE);
    else
        snprintf(out, GSP_SHORT, "%lldd%02lldh", whole / DAY, whole % DAY / HOUR);
}

void gsp__format_number(char out[GSP_SHORT], double number)
{
    double size = fabs(number);
    if (isnan(number))
        snprintf(out, GSP_SHORT, "-");
    else if (number == 0)
        snprintf(out, GSP_SHORT, "0");
    else if (size < 1e-3 || size >= 1e5)
        snprintf(out, GSP_SHORT, "%.3e", number);
    else
        snprintf(out, GSP_SHORT, "%.*f", size < 10 ? 4 : size < 100 ? 3 : size < 1000 ? 2 : 1, number);
}

void gsp__format_percent(char out[GSP_SHORT], double fraction)
{
    if (isnan(fraction))
        snprintf(out, GSP_SHORT, "-");
    else
        snprintf(out, GSP_SHORT, "%.1f %%", 100 * fraction);
}

void gsp__format_scientific(char out[GSP_SHORT], double number)
{
    if (isnan(number))
        snprintf(out, GSP_SHORT, "-");
    else
        snprintf(out, GSP_SHORT, "%.1e", number);
}

void gsp__format_milliseconds(char out[GSP_SHORT], double value)
{
    if (isnan(value))
        snprintf(out, GSP_SHORT, "-");
    else
        snprintf(out, GSP_SHORT, value < 100 ? "%.1f ms" : "%.0f ms", value);
}
