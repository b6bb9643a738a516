/* Numbers in plain decimals. */
#include "sim.h"

#include <math.h>
#include <string.h>

void sim_plain(char *text, size_t size, double value)
{
    const int digits = 15, most = 330;
    if (!isfinite(value)) {
        snprintf(text, size, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    int decimals = value == 0 ? 0 : digits - 1 - (int)floor(log10(fabs(value)));
    if (decimals < 0) decimals = 0;
    if (decimals > most) decimals = most;
    snprintf(text, size, "%.*f", decimals, value);
    if (!strchr(text, '.')) return;
    size_t length = strlen(text);
    while (text[length - 1] == '0') length--;
    if (text[length - 1] == '.') length--;
    text[length] = 0;
}
