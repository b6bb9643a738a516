/* npz: a zip archive of npy arrays, read and written in memory by libzip. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

/* ---- reading ---- */

static int member_read(struct gsp__source *source, void *out, size_t length, struct gsp_error *error)
{
    zip_file_t *member = source->context;
    for (size_t done = 0; done < length;) {
        zip_int64_t count = zip_fread(member, (char *)out + done, length - done);
        if (count < 0)
            return gsp_error_set(error, GSP_ERR_DATA, "%s: damaged (%s); copy it again", source->name,
                                 zip_file_strerror(member));
        if (count == 0)
            return gsp_error_set(error, GSP_ERR_DATA, "%s: truncated: it ends in the middle; copy it again",
                                 source->name);
        done += (size_t)count;
    }
    source->limit -= length < source->limit ? length : source->limit;
    return 0;
}

/* Reading on to the end makes libzip compare the checksum. */
static int member_finish(struct gsp__source *source, struct gsp_error *error)
{
    zip_file_t *member = source->context;
    char surplus;
    zip_int64_t count = zip_fread(member, &surplus, 1);
    if (count == 0) return 0;
    if (count < 0)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: damaged (%s); copy it again", source->name,
                             zip_file_strerror(member));
    return gsp_error_set(error, GSP_ERR_DATA, "%s: it holds more than its header says; write the file again",
                         source->name);
}

static int open_archive(zip_t **out, const struct gsp_file *file, struct gsp_error *error)
{
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *bytes = zip_source_buffer_create(file->bytes, file->length, 0, &reason);
    zip_t *archive = bytes ? zip_open_from_source(bytes, ZIP_RDONLY, &reason) : NULL;
    if (!archive) {
        zip_source_free(bytes);
        gsp_error_set(error, GSP_ERR_DATA, "%s: truncated or damaged npz archive (%s); copy it again", file->name,
                      zip_error_strerror(&reason));
    }
    zip_error_fini(&reason);
    *out = archive;
    return archive ? 0 : GSP_ERR_DATA;
}

/* What the archive does hold, for a message. */
static void list_members(zip_t *archive, char *text, size_t size)
{
    size_t length = 0;
    *text = 0;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0) && length + 1 < size; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
        char shown[40];
        gsp__excerpt(shown, sizeof shown, name ? name : "?", name ? name + strlen(name) : NULL);
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", shown);
    }
}

/* Pairs of names by which people save features and targets, in any case. */
struct pair {
    const char *features, *targets;
};
static const struct pair pairs[] = {
    {"x_train", "y_train"}, {"x_test", "y_test"},    {"x", "y"},        {"x", "labels"},    {"data", "labels"},
    {"features", "labels"}, {"images", "labels"},    {"x", "target"},   {"data", "target"}, {"features", "target"},
    {"data", "targets"},    {"features", "targets"}, {"arr_0", "arr_1"}};
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* The number of the array of this name, in any case; negative: there is none. */
static zip_int64_t locate(zip_t *archive, const char *name)
{
    char member[32];
    snprintf(member, sizeof member, "%s.npy", name);
    return zip_name_locate(archive, member, ZIP_FL_NOCASE);
}

static const char *name_of(const struct pair *pair, bool targets)
{
    return targets ? pair->targets : pair->features;
}

/* Whether the archive has what is wanted of a pair: both, or of a file of features or of targets alone that half. */
static bool has_pair(zip_t *archive, const struct pair *pair, bool whole, bool targets)
{
    return ((!whole && targets) || locate(archive, pair->features) >= 0) &&
           ((!whole && !targets) || locate(archive, pair->targets) >= 0);
}

/* The pair that the archive has; of rows to train on and to test on those that are asked for. NULL: none, or it can't
 * be told which. */
static const struct pair *find_pair(zip_t *archive, bool test, bool whole, bool targets)
{
    const struct pair *found[PAIRS + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        if (!has_pair(archive, &pairs[i], whole, targets)) continue;
        bool known = false; /* another pair has the same half */
        for (size_t k = 0; k < count && !whole; k++)
            known |= strcmp(name_of(found[k], targets), name_of(&pairs[i], targets)) == 0;
        if (!known) found[count++] = &pairs[i];
    }
    if (count == 2 && strstr(found[0]->features, "_train") && strstr(found[1]->features, "_test")) return found[test];
    return count == 1 ? found[0] : NULL;
}

static int no_pair(zip_t *archive, const char *file, struct gsp_error *error)
{
    char present[300];
    list_members(archive, present, sizeof present);
    return gsp_error_set(
        error, GSP_ERR_DATA,
        "%s: which arrays are the features and the targets? It holds: %s. Write it with numpy.savez(FILE, x=..., "
        "y=...)",
        file, *present ? present : "nothing");
}

/* Opens an array of the archive as a source; the caller closes source->context with zip_fclose. */
static int open_member(struct gsp__source *source, zip_t *archive, const char *file, const char *name,
                       struct gsp_error *error)
{
    zip_stat_t about;
    zip_int64_t index = locate(archive, name);
    *source = (struct gsp__source){.read = member_read, .finish = member_finish};
    snprintf(source->name, sizeof source->name, "%.400s: array %s", file, name);
    if (index < 0 || zip_stat_index(archive, (zip_uint64_t)index, 0, &about) || !(about.valid & ZIP_STAT_SIZE) ||
        !(about.valid & ZIP_STAT_COMP_SIZE))
        return gsp_error_set(error, GSP_ERR_DATA, "%s: its size is not recorded; write the file again", source->name);
    uint64_t most = gsp__inflated_bound(about.comp_size);
    source->limit = about.size < most ? about.size : most;
    source->context = zip_fopen_index(archive, (zip_uint64_t)index, 0);
    if (!source->context)
        return gsp_error_set(error, GSP_ERR_DATA, "%s: it can't be unpacked (%s); write it with numpy.savez",
                             source->name, zip_strerror(archive));
    return 0;
}

static int load_targets(zip_t *archive, const char *file, const char *name, double **targets, size_t *count,
                        struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__array array;
    int rc = open_member(&source, archive, file, name, error);
    if (rc) return rc;
    rc = gsp__npy_header(&source, &array, error);
    if (!rc) rc = gsp__array_targets(&source, &array, targets, count, error);
    zip_fclose(source.context);
    return rc;
}

static int load_features(zip_t *archive, const char *file, const char *name, bool bias, struct gsp_dataset *dataset,
                         struct gsp_error *error)
{
    struct gsp__source source;
    struct gsp__array array;
    int rc = open_member(&source, archive, file, name, error);
    if (rc) return rc;
    rc = gsp__npy_header(&source, &array, error);
    if (!rc) rc = gsp__array_features(&source, &array, bias, dataset, error);
    zip_fclose(source.context);
    return rc;
}

static int load_pair(zip_t *archive, const char *file, const struct pair *pair, const struct gsp__want *want,
                     struct gsp_dataset *dataset, struct gsp_error *error)
{
    size_t count = 0;
    int rc = load_features(archive, file, pair->features, want->bias, dataset, error);
    if (!rc && want->targets) rc = load_targets(archive, file, pair->targets, &dataset->targets, &count, error);
    if (!rc && want->targets && count != dataset->rows)
        rc = gsp_error_set(error, GSP_ERR_DATA, "%s: array %s has %zu rows, but %s has %zu: they must be as many", file,
                           pair->features, dataset->rows, pair->targets, count);
    return rc;
}

int gsp__npz_dataset(struct gsp_dataset *dataset, const struct gsp_file *file, const struct gsp__want *want,
                     struct gsp_error *error)
{
    zip_t *archive;
    int rc = open_archive(&archive, file, error);
    if (rc) return rc;
    const struct pair *pair = find_pair(archive, want->test, want->targets, false);
    rc = pair ? load_pair(archive, file->name, pair, want, dataset, error) : no_pair(archive, file->name, error);
    zip_discard(archive);
    return rc;
}

int gsp__npz_targets(double **targets, size_t *count, const struct gsp_file *file, bool test, struct gsp_error *error)
{
    zip_t *archive;
    int rc = open_archive(&archive, file, error);
    if (rc) return rc;
    const struct pair *pair = find_pair(archive, test, false, true);
    rc = pair ? load_targets(archive, file->name, pair->targets, targets, count, error)
              : no_pair(archive, file->name, error);
    zip_discard(archive);
    return rc;
}

/* ---- writing ---- */

/* Adds bytes that live on in `content` until the archive is closed. Stored, not deflated: a shard is read often, and
 * dated at the zip format's zero so that equal data give equal files. */
static bool add_member(zip_t *archive, const char *name, const struct gsp_buffer *content)
{
    enum { FIRST_OF_JANUARY_1980 = 1 << 5 | 1 };
    zip_source_t *bytes = zip_source_buffer(archive, content->data, content->length, 0);
    if (!bytes) return false;
    zip_int64_t index = zip_file_add(archive, name, bytes, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(bytes);
        return false;
    }
    return !zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0) &&
           !zip_file_set_dostime(archive, (zip_uint64_t)index, 0, FIRST_OF_JANUARY_1980, 0);
}

static int features_npy(const struct gsp_dataset *dataset, bool drop_bias, struct gsp_buffer *out)
{
    size_t columns = dataset->columns - drop_bias, size = gsp__dtype_size(dataset->dtype);
    int rc = gsp_buffer_reserve(out, 256 + dataset->rows * columns * size);
    if (!rc) rc = gsp__npy_write_header(out, dataset->dtype, dataset->rows, columns, false);
    for (size_t row = 0; row < dataset->rows && !rc; row++)
        rc = gsp__npy_write_values(out, dataset->dtype, (const char *)dataset->features + row * dataset->columns * size,
                                   columns);
    return rc;
}

static int targets_npy(const struct gsp_dataset *dataset, struct gsp_buffer *out)
{
    int rc = gsp__npy_write_header(out, GSP_FLOAT64, dataset->rows, 1, true);
    return rc ? rc : gsp__npy_write_values(out, GSP_FLOAT64, dataset->targets, dataset->rows);
}

static bool copy_source(zip_source_t *source, struct gsp_buffer *out)
{
    zip_stat_t about;
    if (zip_source_stat(source, &about) || !(about.valid & ZIP_STAT_SIZE) || zip_source_open(source)) return false;
    bool ok = !gsp_buffer_reserve(out, about.size);
    for (zip_uint64_t done = 0; ok && done < about.size;) {
        zip_int64_t count = zip_source_read(source, out->data + out->length, about.size - done);
        ok = count > 0;
        if (!ok) break;
        done += (zip_uint64_t)count;
        out->length += (size_t)count;
    }
    zip_source_close(source);
    return ok;
}

int gsp_dataset_write_npz(const struct gsp_dataset *dataset, bool drop_bias, struct gsp_buffer *out,
                          struct gsp_error *error)
{
    struct gsp_buffer features = {0}, targets = {0};
    zip_error_t reason;
    zip_error_init(&reason);
    zip_t *archive = NULL;
    zip_source_t *sink = NULL;
    size_t before = out->length;
    int rc = features_npy(dataset, drop_bias, &features);
    if (!rc) rc = targets_npy(dataset, &targets);
    if (rc) {
        gsp_error_set(error, rc, "no memory to write %zu rows as npz", dataset->rows);
        goto done;
    }
    rc = GSP_ERR_NOMEM;
    sink = zip_source_buffer_create(NULL, 0, 0, &reason);
    archive = sink ? zip_open_from_source(sink, ZIP_CREATE | ZIP_TRUNCATE, &reason) : NULL;
    if (!archive) {
        gsp_error_set(error, rc, "npz: %s", zip_error_strerror(&reason));
        goto done;
    }
    zip_source_keep(sink); /* the archive owns one reference, and this function the other */
    if (!add_member(archive, "x.npy", &features) || !add_member(archive, "y.npy", &targets) || zip_close(archive)) {
        gsp_error_set(error, rc, "npz: %s", zip_strerror(archive));
        zip_discard(archive);
        goto done;
    }
    if (!copy_source(sink, out)) {
        out->length = before;
        gsp_error_set(error, rc, "no memory to write %zu rows as npz", dataset->rows);
        goto done;
    }
    rc = 0;
done:
    zip_source_free(sink);
    zip_error_fini(&reason);
    gsp_buffer_clear(&features);
    gsp_buffer_clear(&targets);
    return rc;
}
