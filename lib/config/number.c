/* Numbers in text. The C library's conversions follow the process's locale, which a program that uses this library may
 * have changed; here they never do. */
#include <gossip/config.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gsp_count_parse(uint64_t *out, const char *text)
{
    uint64_t value = 0;
    if (!*text) return GSP_ERR_CONFIG;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return GSP_ERR_CONFIG;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return GSP_ERR_CONFIG;
    }
    *out = value;
    return 0;
}

/* The calling thread reads and writes numbers as in C until leave_locale. The "C" locale is built into the C library:
 * getting it allocates nothing and cannot fail. */
struct plain {
    locale_t locale, before;
};

static struct plain enter_locale(void)
{
    struct plain plain = {.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    if (plain.locale) plain.before = uselocale(plain.locale);
    return plain;
}

static void leave_locale(struct plain plain)
{
    if (!plain.locale) return;
    uselocale(plain.before);
    freelocale(plain.locale);
}

int gsp_number_parse(double *out, const char *text)
{
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text)) return GSP_ERR_CONFIG;
    char *end = NULL;
    struct plain plain = enter_locale();
    double value = strtod(text, &end);
    leave_locale(plain);
    if (end == text || *end || !isfinite(value)) return GSP_ERR_CONFIG;
    *out = value;
    return 0;
}

void gsp_number_format(char *text, size_t size, double value)
{
    struct plain plain = enter_locale();
    bool whole = value == floor(value) && fabs(value) < 1e15; /* 500, not 5e+02 */
    if (whole) snprintf(text, size, "%.0f", value);
    for (int digits = 1; !whole && digits <= 17; digits++) {
        snprintf(text, size, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof back) == 0) break;
    }
    leave_locale(plain);
}
