/* "host:port". */
#include <gossip/config.h>

#include <stdio.h>
#include <string.h>

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

static int refuse(char *reason, size_t size, const char *text, const char *why)
{
    snprintf(reason, size, "'%.120s' is not host:port: %s", text, why);
    return GSP_ERR_CONFIG;
}

int gsp_endpoint_parse(char host[254], uint16_t *port, const char *text, char *reason, size_t size)
{
    const char *begin = text, *end;
    bool bracketed = *text == '[';
    if (bracketed) {
        begin = text + 1;
        end = strchr(begin, ']');
        if (!end || end[1] != ':') return refuse(reason, size, text, "an IPv6 address is written [::1]:7400");
    } else {
        end = strrchr(text, ':');
        if (!end) return refuse(reason, size, text, "the port is missing, as in a.example:7400");
        if (strchr(text, ':') != end) return refuse(reason, size, text, "an IPv6 address is written [::1]:7400");
    }
    size_t length = (size_t)(end - begin);
    if (length == 0) return refuse(reason, size, text, "the host is missing, as in a.example:7400");
    if (length > 253) return refuse(reason, size, text, "the host is longer than 253 characters");
    /* After '%' follows the scope of a link-local address: the name of an interface. */
    size_t good = bracketed ? strspn(begin, "0123456789abcdefABCDEF:.") : strspn(begin, name_letters);
    if (bracketed && begin[good] == '%') good += 1 + strspn(begin + good + 1, name_letters);
    if (good < length) return refuse(reason, size, text, "the host contains a character that no host has");
    uint64_t number = 0;
    const char *digits = end + (bracketed ? 2 : 1);
    if (gsp_count_parse(&number, digits) || number < 1 || number > 65535)
        return refuse(reason, size, text, "the port must be a number from 1 to 65535");
    memcpy(host, begin, length);
    host[length] = 0;
    *port = (uint16_t)number;
    return 0;
}

bool gsp_name_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    size_t length = strlen(name);
    if (length < 1 || length > GSP_NAME_MAX || strspn(name, allowed) != length) return false;
    return name[0] != '-' && name[0] != '.'; /* names become folders and arguments */
}
