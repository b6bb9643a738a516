/* Data sets: shards, sorting, slices, synthetic problems, formats told apart. */
#include "data_cases.h"

#include <math.h>
#include <stdio.h>

START_TEST(shards_cover_all_rows)
{
    for (size_t rows = 1; rows < 60; rows++)
        for (size_t count = 1; count <= rows; count++) {
            size_t expected = 0, first, last;
            for (size_t i = 0; i < count; i++) {
                gsp_shard_range(rows, count, i, &first, &last);
                ck_assert_uint_eq(first, expected);
                if (i + 1 < count) ck_assert_uint_eq(last - first, rows / count);
                expected = last;
            }
            ck_assert_uint_eq(expected, rows);
        }
}
END_TEST

START_TEST(a_slice_is_a_copy)
{
    for (int i = 0; i < 2; i++) {
        struct gsp_dataset *data = random_dataset(i ? GSP_FLOAT32 : GSP_FLOAT64, 20, 3, 5, 1), *slice = NULL;
        data->targets[4] = 7;
        data->targets[9] = 8;
        ck_assert(!gsp_dataset_slice(&slice, data, 4, 9));
        ck_assert_uint_eq(slice->rows, 5);
        ck_assert_uint_eq((uintptr_t)slice->features % 64, 0);
        ck_assert_double_eq(slice->target_max, 7);
        for (size_t row = 0; row < 5; row++) {
            ck_assert_double_eq(slice->targets[row], data->targets[row + 4]);
            for (size_t j = 0; j < 3; j++) ck_assert_double_eq(feature(slice, row, j), feature(data, row + 4, j));
        }
        gsp_dataset_free(data);
        gsp_dataset_free(slice);
    }
}
END_TEST

START_TEST(sorting_is_stable_and_moves_rows_with_their_targets)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        size_t rows = 1 + (size_t)(seed * 37 % 300);
        struct gsp_dataset *data = random_dataset(seed % 2 ? GSP_FLOAT32 : GSP_FLOAT64, rows, 2, seed % 7, seed);
        double *before = gsp_vector(rows);
        for (size_t row = 0; row < rows; row++) {
            before[row] = data->targets[row];
            set_feature(data, row, 0, (double)row);
            set_feature(data, row, 1, data->targets[row]);
        }
        ck_assert(!gsp_dataset_sort(data));
        bool *seen = gsp_alloc(rows, sizeof *seen);
        for (size_t row = 0; row < rows; row++) {
            size_t origin = (size_t)feature(data, row, 0);
            ck_assert(!seen[origin]);
            seen[origin] = true;
            ck_assert_double_eq(data->targets[row], before[origin]);
            ck_assert_double_eq_tol(feature(data, row, 1), data->targets[row], 1e-6);
            if (!row) continue;
            ck_assert_double_le(data->targets[row - 1], data->targets[row]);
            if (data->targets[row - 1] == data->targets[row]) ck_assert(feature(data, row - 1, 0) < (double)origin);
        }
        free(seen);
        free(before);
        gsp_dataset_free(data);
    }
}
END_TEST

static struct gsp_dataset *synthetic(const char *text)
{
    struct gsp_dataset *data = NULL;
    struct gsp_error error = {0};
    int rc = gsp_dataset_synthetic(&data, text, &error);
    ck_assert_msg(!rc, "%s", error.message);
    return data;
}

/* Mean and variance within 5 standard errors of what the recipe says. */
START_TEST(synthetic_data_have_the_stated_moments)
{
    enum { SAMPLES = 2000, FEATURES = 100 };
    for (int relu = 0; relu < 2; relu++) {
        struct gsp_dataset *data = synthetic(relu ? "objective=relu,samples=2000,features=100,noise=0.05,seed=4"
                                                  : "objective=linear,samples=2000,features=100,noise=0.05,seed=4");
        ck_assert_int_eq(data->dtype, GSP_FLOAT64);
        ck_assert(data->rows == SAMPLES && data->columns == FEATURES);
        double mean = 0, square = 0, count = SAMPLES * FEATURES, power = 0, low = 0;
        for (size_t i = 0; i < SAMPLES * FEATURES; i++) {
            double value = feature(data, i / FEATURES, i % FEATURES);
            mean += value / count;
            square += value * value / count;
        }
        ck_assert_double_eq_tol(mean, 0, 5 / sqrt(count));
        ck_assert_double_eq_tol(square, 1, 5 * sqrt(2 / count));
        for (size_t row = 0; row < SAMPLES; row++) {
            power += data->targets[row] * data->targets[row] / SAMPLES;
            low = fmin(low, data->targets[row]);
        }
        /* |w|^2 is (1 + 1) features / (features / 2) = 4 on average; max(., 0) halves the power. */
        ck_assert_double_eq_tol(power, relu ? 2 : 4, relu ? 0.8 : 1.5);
        ck_assert(relu ? low > -0.3 && low < 0 : low < -3);
        gsp_dataset_free(data);
    }
}
END_TEST

START_TEST(synthetic_data_depend_on_the_seed_alone)
{
    struct gsp_dataset *a = synthetic("samples=50,features=7,seed=3"),
                       *b = synthetic("seed=3,features=7,samples=50,noise=0.05,objective=linear"),
                       *other = synthetic("samples=50,features=7,seed=4"),
                       *longer = synthetic("samples=60,features=7,seed=3");
    ck_assert_mem_eq(a->features, b->features, 50 * 7 * 8);
    ck_assert_mem_eq(a->targets, b->targets, 50 * 8);
    ck_assert_mem_eq(a->targets, longer->targets, 50 * 8);
    ck_assert_mem_ne(a->targets, other->targets, 50 * 8);
    gsp_dataset_free(a);
    gsp_dataset_free(b);
    gsp_dataset_free(other);
    gsp_dataset_free(longer);
    const char *const wrong[][2] = {{"samples=0", "samples=0"},
                                    {"samples=-1", "from 1"},
                                    {"features=9999999999", "features"},
                                    {"noise=-1", "noise=-1"},
                                    {"noise=x", "noise=x"},
                                    {"seed=", "seed="},
                                    {"objective=softmax", "linear and relu"},
                                    {"sample=1", "did you mean 'samples'"},
                                    {"samples", "no key=value pair"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gsp_dataset *none = NULL;
        struct gsp_error error = {0};
        ck_assert_int_eq(gsp_dataset_synthetic(&none, wrong[i][0], &error), GSP_ERR_USAGE);
        ck_assert_ptr_null(none);
        ck_assert_msg(strstr(error.message, wrong[i][1]), "'%s' lacks '%s'", error.message, wrong[i][1]);
    }
}
END_TEST

START_TEST(other_files_are_refused_by_what_they_are)
{
    const struct {
        const char *name, *bytes;
        size_t length;
        const char *reason;
    } cases[] = {{"a.npz", "", 0, "a.npz: the file is empty"},
                 {"a.npy",
                  "\x7f"
                  "ELF\0\0\0",
                  7, "a binary file"},
                 {"a.txt", "hello world\n", 12, "a.txt: no rows in it but the header"},
                 {"a.json", "{}\n", 3, "JSON"},
                 {"a.csv", "hello\n", 6, "no rows in it but the header"},
                 {"a.npz", "PK\3\4broken", 10, "a.npz: truncated or damaged npz"},
                 {"a.gz", "\x1f\x8b\x08", 3, "a.gz: truncated"},
                 {"a.idx", "\0\0", 2, "a.idx: truncated"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gsp_file file = file_of(cases[i].name, cases[i].bytes, cases[i].length);
        read_bad(&file, NULL, 0, cases[i].name, cases[i].reason);
    }
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, shards_cover_all_rows);
    tcase_add_test(tcase, a_slice_is_a_copy);
    tcase_add_test(tcase, sorting_is_stable_and_moves_rows_with_their_targets);
    tcase_add_test(tcase, synthetic_data_have_the_stated_moments);
    tcase_add_test(tcase, synthetic_data_depend_on_the_seed_alone);
    tcase_add_test(tcase, other_files_are_refused_by_what_they_are);
}

int main(void)
{
    return run_suite("dataset", add);
}
