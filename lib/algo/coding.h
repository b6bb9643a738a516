/* Inside the codec: what compressors and payload codings share. A compressor (compress_*.c) decides what m = C(v) is, a
 * coding (coding_*.c) how m is written; doc/payload.md describes the bytes. */
#ifndef GSP_ALGO_CODING_H
#define GSP_ALGO_CODING_H

#include <gossip/algo.h>

/* The registry of codings, the first byte of every payload: number, name, what is special. Numbers are never given to
 * something else. doc/payload.md has a row for each. */
#define GSP__CODINGS(X)                                                                                                \
    X(DENSE, 1, "dense", 0)     /* values: d */                                                                        \
    X(INDICES, 2, "indices", 0) /* values: k; fields: k indices, ascending */                                          \
    X(BITMAP, 3, "bitmap", 0)   /* values: k; fields: d bits, of which k are set */                                    \
    X(DRAWN, 4, "drawn", 0)     /* values: one for each coordinate of a set that both ends draw */                     \
    X(LEVELS, 5, "levels", 0)   /* values: a scale a bucket; fields: d levels, as level + s */                         \
    X(SIGNS, 6, "signs", 0)     /* values: a scale a bucket; fields: d bits, 1 for +, 0 for - */                       \
    /* Shorter forms, sent where they are: instead of the fields, bytes of a variable-length code. */                  \
    X(ANS, 7, "coded levels", GSP__SHORTER | GSP__OPEN_ENDED) /* of LEVELS: by rANS */                                 \
    X(GAPS, 8, "gaps", GSP__SHORTER)                          /* of INDICES or BITMAP: gaps by Rice's code */

enum {
    GSP__SHORTER = 1,   /* a layout's `shorter`: never what a message is expanded to */
    GSP__OPEN_ENDED = 2 /* cut short, a payload may still be one, of another m */
};
#define GSP__CODING_NUMBER(id, number, name, traits) GSP__CODING_##id = (number),
enum gsp__coding { GSP__CODINGS(GSP__CODING_NUMBER) };
#undef GSP__CODING_NUMBER

struct gsp__coding_entry {
    uint8_t number;
    const char *name;
    unsigned traits;
};
/* The registry as a table, ending with number 0. */
extern const struct gsp__coding_entry gsp__codings[];
/* The entry of a payload's first byte, or NULL. */
const struct gsp__coding_entry *gsp__coding_find(uint8_t number);

/* Every coding is a byte, then values, then fields of a fixed number of bits, then zero bits up to a whole byte; or in
 * a shorter form the fields by a variable-length code. */
struct gsp__layout {
    enum gsp__coding coding, shorter; /* shorter: 0 if there is none */
    size_t values;
    size_t fields;
    unsigned field_bits;
};
/* Of the longest message. */
struct gsp__layout gsp__layout(const struct gsp_compressor *compressor, size_t d);
size_t gsp__layout_length(const struct gsp__layout *layout, enum gsp_values values);

double gsp__qsgd_tau(size_t bits, size_t n);
/* ceil(log2(count)) */
unsigned gsp__bits_for(uint64_t count);
/* k = max(1, round(fraction * d)), halves to even. */
size_t gsp__topk_count(double fraction, size_t d);
/* Coordinates that share a scale, and how many such buckets there are. */
size_t gsp__bucket_length(const struct gsp_compressor *compressor, size_t d);
size_t gsp__bucket_count(const struct gsp_compressor *compressor, size_t d);

/* ---- the codec ---- */

struct gsp__compressor_ops;

struct gsp_codec {
    struct gsp_compressor compressor;
    size_t d;
    struct gsp__layout layout;
    const struct gsp__compressor_ops *ops;
    uint32_t *index; /* topk, randk, dropout: the set in hand, ascending; qsgd, topkq: the fields being encoded */
    uint64_t *keys;  /* topk, topkq: magnitudes; randk: a bit a coordinate */
    double *norms;   /* qsgd: one a bucket; topkq: the numbers that are kept */
    struct gsp__ans *ans;
    struct {
        bool valid; /* index holds the set of this key and step: sender and receiver need it more than once */
        uint8_t key[32];
        uint64_t step;
        size_t count;
    } drawn;
};

/* A payload after its first byte, read or being written. */
struct gsp__coded {
    const uint8_t *values, *fields;
    size_t fields_length; /* in bytes */
    bool shorter;         /* the fields are in the layout's shorter form */
};
struct gsp__draft {
    uint8_t *values, *fields;
    size_t fields_length;
    bool shorter;
};

/* A kind of compressor: all that the rest of the program knows of it. Sizes, the coding byte, finite values and padding
 * are the codec's (codec.c): `check` and `apply` are called with a payload that has passed those. */
struct gsp__compressor_ops {
    struct gsp_kind kind; /* the first member: a struct gsp_compressor points to it */
    /* Parameters that do not go together; NULL: all do. */
    int (*refuse)(const struct gsp_compressor *compressor, struct gsp_error *error);
    /* Of the longest message of dimension d. */
    struct gsp__layout (*layout)(const struct gsp_compressor *compressor, size_t d);
    /* gsp_compressor_omega, where rounding a value or a scale moves it by a factor 1 + e, |e| <= `roundoff`. */
    double (*omega)(const struct gsp_compressor *compressor, size_t d, double roundoff);
    bool bucketed;                            /* omega follows from the bucket's length, which without `bucket` is d */
    int (*allocate)(struct gsp_codec *codec); /* scratch; NULL: none */
    /* The number of values of a message with these draws; NULL: always layout.values. */
    size_t (*count)(struct gsp_codec *codec, const struct gsp_draws *draws);
    /* Fills the draft, which is laid out for the longer form; may turn it into the shorter one. GSP_ERR_DIVERGED if v,
     * or a value that would be sent, is not finite. */
    int (*encode)(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, struct gsp__draft *draft);
    /* What fields mean; NULL: there are none. `longer` may be NULL; else, of a message in the shorter form, its fields
     * in the longer one are written there. */
    int (*check)(struct gsp_codec *codec, const struct gsp__coded *message, uint8_t *longer, struct gsp_error *error);
    void (*apply)(struct gsp_codec *codec, const struct gsp__coded *message, const struct gsp_draws *draws,
                  double weight, double *sum, double *copy);
};

const struct gsp__compressor_ops *gsp__ops(const struct gsp_compressor *compressor);

/* The table of compressors: gsp__NAME_ops is in compress_NAME.c. Fuzzing inputs name a compressor by its place here:
 * new ones go to the end. */
#define GSP__COMPRESSORS(X) X(none) X(topk) X(randk) X(dropout) X(qsgd) X(sign) X(topkq)
#define GSP__DECLARE(name)  extern const struct gsp__compressor_ops gsp__##name##_ops;
GSP__COMPRESSORS(GSP__DECLARE)
#undef GSP__DECLARE

/* Parameters that several of them have. */
#define GSP__FRACTION                                                                                                  \
    {                                                                                                                  \
        .key = "fraction", .letter = "F", .type = GSP_PARAMETER_NUMBER,                                                \
        .offset = offsetof(struct gsp_compressor, fraction), .required = true, .maximum = 1                            \
    }
#define GSP__BITS                                                                                                      \
    {                                                                                                                  \
        .key = "bits", .letter = "B", .type = GSP_PARAMETER_COUNT, .offset = offsetof(struct gsp_compressor, bits),    \
        .required = true, .maximum = 16                                                                                \
    }
#define GSP__BUCKET                                                                                                    \
    {                                                                                                                  \
        .key = "bucket", .letter = "N", .type = GSP_PARAMETER_COUNT,                                                   \
        .offset = offsetof(struct gsp_compressor, bucket), .maximum = UINT32_MAX                                       \
    }
#define GSP__VALUES                                                                                                    \
    {                                                                                                                  \
        .key = "values", .letter = "W", .type = GSP_PARAMETER_WORD, .offset = offsetof(struct gsp_compressor, values), \
        .fallback = GSP_F32, .words = gsp__value_words                                                                 \
    }
extern const char *const gsp__value_words[]; /* in the order of enum gsp_values */

/* ---- values (coding_values.c): little-endian, f64, f32 or bf16, rounded to nearest, ties to even ---- */

size_t gsp__value_bytes(enum gsp_values values);
/* False if one of them is not finite, or not after rounding. */
bool gsp__values_pack(enum gsp_values values, size_t n, const double *v, uint8_t *out);
void gsp__values_unpack(enum gsp_values values, size_t n, const uint8_t *bytes, double *out);
bool gsp__values_finite(enum gsp_values values, size_t n, const uint8_t *bytes);
/* Value i alone. */
double gsp__value_at(enum gsp_values values, const uint8_t *bytes, size_t i);

/* ---- fields (coding_bits.c): of 0 to 32 bits, packed without gaps from the low bit of the first byte on ---- */

void gsp__fields_pack(size_t n, unsigned bits, const uint32_t *fields, uint8_t *out);
/* Fields first to first + n - 1 of those at `bytes`, which has `length` bytes; `first` is a multiple of 8. */
void gsp__fields_unpack(const uint8_t *bytes, size_t length, size_t first, size_t n, unsigned bits, uint32_t *out);
static inline size_t gsp__fields_bytes(size_t n, unsigned bits)
{
    /* By eights, so that nothing overflows: eight fields are `bits` bytes. */
    return n / 8 * bits + (n % 8 * bits + 7) / 8;
}

/* ---- Rice's code (coding_rice.c): the low `bits` (0 to 31) of each integer as fields, then of each a one after as
 * many zeros as the rest says, from the low bit of the next byte on, then zeros up to a whole byte ---- */

size_t gsp__rice_bytes(size_t n, const uint32_t *integers, unsigned bits);
void gsp__rice_pack(size_t n, const uint32_t *integers, unsigned bits, uint8_t *out);

struct gsp__rice_reader {
    const uint8_t *low, *at, *end;
    size_t low_bytes, done;
    unsigned bits, filled;
    uint64_t word;
    bool short_of; /* more ones were asked for than there are: what was read then means nothing */
};
/* False if not even the fields of n integers are there. */
bool gsp__rice_open(struct gsp__rice_reader *reader, size_t n, unsigned bits, const uint8_t *bytes, size_t length);
/* The next n of them; a multiple of 8 in every piece but the last. */
void gsp__rice_read(struct gsp__rice_reader *reader, size_t n, uint64_t *integers);
/* Whole bytes behind the last one read. */
size_t gsp__rice_left(const struct gsp__rice_reader *reader);
/* Whether all bytes are used, the last one's remaining bits are zero, and nothing was missing. */
bool gsp__rice_ended(const struct gsp__rice_reader *reader);

/* ---- a set of layout.values coordinates (coding_set.c) ---- */

/* Writes the set in codec->index, in the shorter form if it is shorter; the contents of codec->index are then lost. */
void gsp__set_write(struct gsp_codec *codec, struct gsp__draft *draft);

struct gsp__set_reader {
    const struct gsp_codec *codec;
    const struct gsp__coded *message;
    struct gsp__rice_reader gaps;
    size_t at;     /* indices: how many were read; bitmap: bytes that were looked at, eight at a time */
    uint64_t word; /* bitmap: ones not yet read of the last of them */
    uint64_t next; /* the least index that may follow */
};
bool gsp__set_open(struct gsp__set_reader *reader, const struct gsp_codec *codec, const struct gsp__coded *message);
/* The next n, at most GSP__CHUNK, and GSP__CHUNK in every piece but the last. False if they do not ascend below d. */
bool gsp__set_next(struct gsp__set_reader *reader, size_t n, uint32_t *index);
/* Writes the indices first .. first + n - 1 of the set among the fields of the longer form, which were zero before. */
void gsp__set_put(const struct gsp_codec *codec, size_t first, size_t n, const uint32_t *index, uint8_t *fields);
/* After the last one: whether nothing but zero bits is left, and no whole byte of the shorter form. */
bool gsp__set_ended(const struct gsp__set_reader *reader);

/* ---- the k coordinates of greatest magnitude (compress_topk.c), of equal ones those of lower index: into
 * codec->index, ascending. Infinities and NaN count as greatest. codec->index and codec->keys have d elements; what is
 * in codec->keys is lost. ---- */

void gsp__choose(struct gsp_codec *codec, const double *v, size_t k);

/* ---- m = decode(payload) is added (coding_add.c): one rounding a multiplication, one an addition ---- */

/* copy may be NULL. */
void gsp__add_dense(size_t n, const double *m, double weight, double *sum, double *copy);
void gsp__add_sparse(size_t n, const uint32_t *index, const double *m, double weight, double *sum, double *copy);

/* ---- scales and levels (coding_levels.c), for qsgd and sign: m_i = level_i * scale of i's bucket ---- */

/* Levels run from -s to s in steps of 1 or 2; a field is (level + s) / step. */
struct gsp__levels {
    uint32_t s, step;
    size_t most; /* levels that are not 0 in a message; 0: all may be */
};
/* As the check of a compressor. */
int gsp__levels_check(struct gsp_codec *codec, struct gsp__levels levels, const struct gsp__coded *message,
                      uint8_t *longer, struct gsp_error *error);
void gsp__levels_apply(struct gsp_codec *codec, struct gsp__levels levels, const struct gsp__coded *message,
                       double weight, double *sum, double *copy);

/* ---- how qsgd comes to its levels (compress_qsgd.c) ---- */

/* |v|_2, also where squares are too small to be told from 0. Infinite or NaN if v, or the sum of squares, is not
 * finite. */
double gsp__norm(size_t n, const double *v);
/* field <- sign(v) floor(s |v| / norm + u) + s; norm > 0. */
void gsp__quantise(size_t n, const double *v, double s, double norm, const double *u, uint32_t *field);
/* Writes the fields in codec->index, in the shorter form if it is shorter. */
void gsp__levels_write(struct gsp_codec *codec, struct gsp__draft *draft);
/* A scale a bucket and a level a coordinate. */
struct gsp__layout gsp__levels_layout(const struct gsp_compressor *compressor, size_t d);

/* ---- random numbers (compress_drawn.c) ---- */

/* Uniforms in [0, 1) for coordinates first .. first + n - 1, asked for in ascending order: coordinate i takes the 32
 * bits at byte 4 i of the stream. */
struct gsp__uniforms {
    const double *recorded;
    struct gsp_stream stream;
};
void gsp__uniforms_init(struct gsp__uniforms *uniforms, const struct gsp_draws *draws);
void gsp__uniforms_next(struct gsp__uniforms *uniforms, size_t first, size_t n, double *out);

/* Coordinates worked on at a time; a multiple of 8, so that fields begin at a whole byte. */
enum { GSP__CHUNK = 512 };

static inline size_t gsp__smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

#endif
