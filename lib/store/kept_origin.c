/* Whether a file is whole, damaged, or not for this version to touch.
 *
 * What is damaged is left out and written again; what somebody else wrote must never be. So a file counts as damaged
 * only if it shows that it was ours:
 *   - it begins with a magic that is read here, and its hash does not fit: damaged behind its first bytes, or cut;
 *   - it is shorter than a magic, and the beginning of one: cut; also if it is empty;
 *   - it begins with zeros: a power failure or a bad disk may leave those where something was written;
 *   - with one of our magics in place of its first bytes its hash fits: only those are damaged.
 * All else is of another format of ours, if it begins with "gspkept", or none of ours. */
#include "store/kept.h"

#include <ctype.h>

#include <xxhash.h>

static const char FAMILY[] = "gspkept"; /* and a digit, the number of the format */
enum { OLDEST = 2, NEWEST = 3, NUMBER_AT = GSP__KEPT_MAGIC - 1 };

void gsp__kept_hash(uint8_t hash[GSP__KEPT_HASH], const uint8_t *bytes, size_t length)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, length));
    memcpy(hash, canonical.digest, GSP__KEPT_HASH);
}

static bool hash_fits(const uint8_t *bytes, size_t length)
{
    uint8_t hash[GSP__KEPT_HASH];
    if (length < GSP__KEPT_MAGIC + GSP__KEPT_HASH) return false;
    gsp__kept_hash(hash, bytes, length - GSP__KEPT_HASH);
    return memcmp(hash, bytes + length - GSP__KEPT_HASH, GSP__KEPT_HASH) == 0;
}

static int number_of(const uint8_t *bytes)
{
    return bytes[NUMBER_AT] - '0';
}

static bool is_known(const uint8_t *bytes)
{
    int number = number_of(bytes);
    return memcmp(bytes, FAMILY, NUMBER_AT) == 0 && number >= OLDEST && number <= NEWEST;
}

/* *fits: the hash is right once the magic is that of a format read here. */
static int fits_with_magic(bool *fits, const uint8_t *bytes, size_t length)
{
    *fits = false;
    if (length < GSP__KEPT_MAGIC + GSP__KEPT_HASH) return 0;
    XXH3_state_t *state = XXH3_createState();
    if (!state) return GSP_ERR_NOMEM;
    for (int number = OLDEST; number <= NEWEST && !*fits; number++) {
        const char digit = (char)('0' + number);
        XXH128_canonical_t canonical;
        XXH3_128bits_reset(state);
        XXH3_128bits_update(state, FAMILY, NUMBER_AT);
        XXH3_128bits_update(state, &digit, 1);
        XXH3_128bits_update(state, bytes + GSP__KEPT_MAGIC, length - GSP__KEPT_MAGIC - GSP__KEPT_HASH);
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
        *fits = memcmp(canonical.digest, bytes + length - GSP__KEPT_HASH, GSP__KEPT_HASH) == 0;
    }
    XXH3_freeState(state);
    return 0;
}

static int foreign(const uint8_t *bytes, struct gsp_error *error)
{
    if (memcmp(bytes, FAMILY, NUMBER_AT) != 0 || !isgraph(bytes[NUMBER_AT]))
        return gsp_error_set(error, GSP_ERR_FOREIGN, "it is not a file that gossipd wrote");
    return gsp_error_set(
        error, GSP_ERR_FOREIGN, "it is of the format %s%c: %s gossipd can read it; this one reads %s%d to %s%d", FAMILY,
        bytes[NUMBER_AT], number_of(bytes) < OLDEST ? "an older" : "a newer", FAMILY, OLDEST, FAMILY, NEWEST);
}

int gsp__kept_origin(int *format, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    static const uint8_t zeros[GSP__KEPT_MAGIC];
    size_t head = length < GSP__KEPT_MAGIC ? length : GSP__KEPT_MAGIC;
    if (head == 0 || memcmp(bytes, zeros, head) == 0)
        return gsp_error_set(error, GSP_ERR_FORMAT, "it is empty, or begins with zeros: it was not written to its end");
    if (head < GSP__KEPT_MAGIC) {
        if (memcmp(bytes, FAMILY, head) == 0) return gsp_error_set(error, GSP_ERR_FORMAT, "it is cut");
        return gsp_error_set(error, GSP_ERR_FOREIGN, "it is not a file that gossipd wrote");
    }
    if (is_known(bytes)) {
        *format = number_of(bytes);
        if (hash_fits(bytes, length)) return 0;
        return gsp_error_set(error, GSP_ERR_FORMAT,
                             "its hash does not fit: it is damaged, or was not written to its end");
    }
    bool fits;
    int rc = fits_with_magic(&fits, bytes, length);
    if (rc) return gsp_error_set(error, rc, "no memory to look at it");
    return fits ? gsp_error_set(error, GSP_ERR_FORMAT, "its first bytes are damaged") : foreign(bytes, error);
}
