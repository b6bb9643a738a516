/* Compressors as text: what is read, what is refused and how, and that writing and reading agree. */
#include "unit/compress_cases.h"
#include "unit/run_suite.h"

START_TEST(every_key_is_read)
{
    struct gsp_compressor c = parsed("qsgd:bits=4,bucket=128,values=bf16");
    ck_assert(is(&c, "qsgd") && c.bits == 4 && c.bucket == 128 && c.values == GSP_BF16);
    c = parsed("dropout:unbiased,p=0.75");
    ck_assert(is(&c, "dropout") && c.p == 0.75 && c.unbiased && c.values == GSP_F32 && c.bucket == 0);
    c = parsed("topk:values=f64,fraction=1e-3");
    ck_assert(is(&c, "topk") && c.fraction == 0.001 && c.values == GSP_F64);
    c = parsed("randk:fraction=1");
    ck_assert(is(&c, "randk") && c.fraction == 1);
    c = parsed("sign:bucket=7");
    ck_assert(is(&c, "sign") && c.bucket == 7);
    c = parsed("none");
    ck_assert(is(&c, "none") && c.values == GSP_F32);
}
END_TEST

START_TEST(canonical_text_comes_back)
{
    for (size_t i = 0; i < COMPRESSORS; i++) {
        char text[64];
        struct gsp_compressor c = parsed(every_compressor[i]);
        gsp_compressor_format(&c, text, sizeof text);
        ck_assert_str_eq(text, every_compressor[i]);
    }
    static const char *const others[][2] = {{"topk:values=f32,fraction=0.10", "topk:fraction=0.1"},
                                            {"dropout:values=bf16,unbiased,p=.8", "dropout:p=0.8,unbiased,values=bf16"},
                                            {"qsgd:bucket=10,bits=03", "qsgd:bits=3,bucket=10"}};
    for (size_t i = 0; i < 3; i++) {
        char text[64];
        struct gsp_compressor c = parsed(others[i][0]);
        gsp_compressor_format(&c, text, sizeof text);
        ck_assert_str_eq(text, others[i][1]);
    }
}
END_TEST

START_TEST(written_text_reads_back_to_the_last_bit)
{
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 1);
    for (int i = 0; i < 2000; i++) {
        struct gsp_compressor c = parsed(i % 2 ? "topk:fraction=1" : "dropout:p=1"), back;
        c.values = (enum gsp_values)(i % 3);
        double share = 1 - gsp_stream_uniform(&stream);
        if (i % 5 == 0) share = ldexp(share, -(int)gsp_stream_below(&stream, 40));
        *(i % 2 ? &c.fraction : &c.p) = share;
        c.unbiased = is(&c, "dropout") && share > 0.5 && i % 7 == 0;
        char text[64];
        gsp_compressor_format(&c, text, sizeof text);
        ck_assert_msg(gsp_compressor_parse(&back, text, NULL) == 0, "%s", text);
        ck_assert_msg(back.kind == c.kind && back.fraction == c.fraction && back.p == c.p &&
                          back.unbiased == c.unbiased && back.values == c.values,
                      "%s", text);
    }
}
END_TEST

START_TEST(wrong_text_is_refused_with_advice)
{
    static const char *const rows[][2] = {
        {"topkk:fraction=0.1", "did you mean \"topk\"?"},
        {"TopK:fraction=0.1", "did you mean \"topk\"?"},
        {"zip", "there are none, topk, randk, dropout, qsgd, sign"},
        {"", "unknown name \"\""},
        {"topk", "topk lacks fraction"},
        {"topk:", "unknown key"},
        {"topk:fraction=0.1,", "unknown key"},
        {"topk:fraction", "write fraction=..."},
        {"topk:fration=0.1", "did you mean \"fraction\"?"},
        {"topk:fraction=0", "above 0"},
        {"topk:fraction=1.01", "at most 1"},
        {"topk:fraction=-0.1", "above 0"},
        {"topk:fraction=nan", "above 0"},
        {"topk:fraction= 0.1", "above 0"},
        {"topk:fraction=0.1x", "above 0"},
        {"topk:fraction=0.1 ", "above 0"},
        {"topk:fraction=0.1,fraction=0.1", "given twice"},
        {"topk:fraction=0.1,bits=4", "unknown key of topk \"bits\""},
        {"randk:fraction=0x1p-2", "above 0"},
        {"none:values=f16", "did you mean \"bf16\"?"},
        {"none:values=", "unknown word for values"},
        {"qsgd", "qsgd lacks bits"},
        {"qsgd:bits=0", "from 1 to 16"},
        {"qsgd:bits=17", "from 1 to 16"},
        {"qsgd:bits=4.0", "from 1 to 16"},
        {"qsgd:bits=+4", "from 1 to 16"},
        {"qsgd:bits=4,bucket=0", "from 1 to"},
        {"qsgd:bits=4,bucket=4294967296", "from 1 to"},
        {"qsgd:bits=4;bucket=8", "from 1 to 16"},
        {"dropout:p=0.9,unbiased=1", "takes no value"},
        {"dropout:p=0.5,unbiased", "above 0.5"},
        {"sign:values", "lacks its value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gsp_compressor c = {.bits = 77};
        struct gsp_error error = {0};
        ck_assert_int_eq(gsp_compressor_parse(&c, rows[i][0], &error), GSP_ERR_CONFIG);
        ck_assert_uint_eq(c.bits, 77);
        ck_assert_int_eq(error.code, GSP_ERR_CONFIG);
        ck_assert_msg(strstr(error.message, rows[i][1]), "%s: %s", rows[i][0], error.message);
        ck_assert_msg(strstr(error.message, rows[i][0]), "the text is not in: %s", error.message);
    }
    char endless[5000];
    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = 0;
    struct gsp_compressor c;
    ck_assert_int_eq(gsp_compressor_parse(&c, endless, NULL), GSP_ERR_CONFIG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compress_text");
    TCase *test_case = tcase_create("compress_text");
    tcase_add_test(test_case, every_key_is_read);
    tcase_add_test(test_case, canonical_text_comes_back);
    tcase_add_test(test_case, written_text_reads_back_to_the_last_bit);
    tcase_add_test(test_case, wrong_text_is_refused_with_advice);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
