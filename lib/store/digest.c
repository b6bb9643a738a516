/* Tells one data set from another. */
#include <gossip/store.h>

#include <string.h>

#include <xxhash.h>

void gsp_data_digest(uint8_t digest[16], const struct gsp_dataset *data)
{
    size_t element = data->dtype == GSP_FLOAT32 ? sizeof(float) : sizeof(double);
    const XXH128_hash_t parts[2] = {XXH3_128bits(data->features, data->rows * data->columns * element),
                                    XXH3_128bits(data->targets, data->rows * sizeof *data->targets)};
    const uint64_t whole[] = {data->rows,      data->columns,  element,        parts[0].low64,
                              parts[0].high64, parts[1].low64, parts[1].high64};
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(whole, sizeof whole));
    memcpy(digest, canonical.digest, sizeof canonical.digest);
}
