/* Decimal text to double: exactly, without a locale, and fast for the numbers that data files hold. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool digit(const char *text, const char *end)
{
    return text < end && *text >= '0' && *text <= '9';
}

/* nan, inf and infinity are read so that they can be refused by name. */
static const char *scan_word(const char *text, const char *end, double sign, double *value)
{
    size_t length = (size_t)(end - text);
    if (length >= 8 && strncasecmp(text, "infinity", 8) == 0) {
        *value = sign * INFINITY;
        return text + 8;
    }
    if (length >= 3 && strncasecmp(text, "inf", 3) == 0) {
        *value = sign * INFINITY;
        return text + 3;
    }
    if (length >= 3 && strncasecmp(text, "nan", 3) == 0) {
        *value = NAN;
        return text + 3;
    }
    return NULL;
}

/* What the short way can't round correctly. The text need not end in a NUL, so a copy is read. */
static const char *scan_slowly(const char *text, const char *end, double *value)
{
    char copy[800]; /* longer than any double written out in full */
    size_t length = (size_t)(end - text);
    if (length >= sizeof copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    *value = strtod(copy, NULL);
    return end;
}

const char *gsp__scan_number(const char *text, const char *end, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const long power_count = sizeof powers / sizeof *powers, exponent_limit = 100000;
    const char *begin = text;
    double sign = 1;
    if (text < end && (*text == '-' || *text == '+')) sign = *text++ == '-' ? -1 : 1;
    uint64_t mantissa = 0;
    long exponent = 0;
    bool any = false, dropped = false;
    for (bool fraction = false;; text++) {
        if (!fraction && text < end && *text == '.') {
            fraction = true;
            continue;
        }
        if (!digit(text, end)) break;
        any = true;
        if (mantissa < UINT64_MAX / 10 - 1)
            mantissa = mantissa * 10 + (uint64_t)(*text - '0'), exponent -= fraction;
        else
            dropped = true;
    }
    if (!any) return text == begin || text[-1] != '.' ? scan_word(text, end, sign, value) : NULL;
    const char *mark = text;
    if (mark < end && (*mark == 'e' || *mark == 'E')) {
        mark++;
        bool negative = mark < end && *mark == '-';
        if (mark < end && (*mark == '-' || *mark == '+')) mark++;
        if (digit(mark, end)) {
            long written = 0;
            for (; digit(mark, end); mark++)
                if (written < exponent_limit) written = written * 10 + (*mark - '0');
            exponent += negative ? -written : written;
            text = mark;
        }
    }
    /* Clinger: mantissa and power of ten are exact doubles, so one operation rounds once. */
    if (dropped || mantissa > (UINT64_C(1) << 53) || exponent <= -power_count || exponent >= power_count)
        return scan_slowly(begin, text, value);
    double magnitude = (double)mantissa;
    *value = sign * (exponent < 0 ? magnitude / powers[-exponent] : magnitude * powers[exponent]);
    return text;
}
