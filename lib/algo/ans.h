/* Entropy coding of qsgd's levels: a static model a message and range asymmetric numeral systems (rANS; J. Duda, arXiv
 * 1311.2540). Integers alone, so that every host writes and reads the same bytes. doc/payload.md describes them. */
#ifndef GSP_ALGO_ANS_H
#define GSP_ALGO_ANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GSP__ANS_BITS = 12,
    GSP__ANS_SLOTS = 1 << GSP__ANS_BITS, /* frequencies sum to this */
    GSP__ANS_LANES = 4,                  /* states that take turns, so that a processor works on several at a time */
    GSP__TOKENS_MAX = 113,               /* classes of magnitudes up to 2^16 */
    GSP__SYMBOLS_MAX = 2 * GSP__TOKENS_MAX - 1
};

/* A token is a class of magnitudes: below 16 a single one, above an eighth of an octave, in which the magnitude is told
 * by `extra` plain bits. */
unsigned gsp__token_of(uint32_t magnitude);
uint32_t gsp__token_low(unsigned token, unsigned *extra);

/* How often each token is expected among GSP__ANS_SLOTS symbols: zero, and of the others each sign by itself, so that
 * frequency[0] + 2 (frequency[1] + ...) = GSP__ANS_SLOTS. Only frequencies that a table can say occur. */
struct gsp__ans_model {
    unsigned tokens; /* 1 to GSP__TOKENS_MAX; the greatest ones are left away when they do not occur */
    uint16_t frequency[GSP__TOKENS_MAX];
};
/* The model of a message in which token t occurs counts[t] times, with either sign; they sum to d. */
void gsp__ans_model_fit(struct gsp__ans_model *model, const uint32_t *counts, size_t d);
enum { GSP__ANS_TABLE_MAX = 1024 }; /* bytes, more than enough for any model */
/* Returns the bytes written. */
size_t gsp__ans_model_write(const struct gsp__ans_model *model, uint8_t *table);
/* Returns the bytes read; 0 if they are no table of tokens up to `most`. */
size_t gsp__ans_model_read(struct gsp__ans_model *model, unsigned most, const uint8_t *bytes, size_t length);
/* States that a message of d levels takes turns with: one if it is short, since each costs some bytes. */
unsigned gsp__ans_lanes(const struct gsp__ans_model *model, size_t d);

/* A coder of fields, as level + s. Scratch memory; serves one message at a time. */
struct gsp__ans;
/* s from 2 to 2^16. NULL: no memory. */
struct gsp__ans *gsp__ans_new(uint32_t s);
void gsp__ans_free(struct gsp__ans *ans);

/* Writes d fields; returns the bytes used, 0 if they are not fewer than `room`. */
size_t gsp__ans_write(struct gsp__ans *ans, size_t d, const uint32_t *fields, uint8_t *out, size_t room);

/* The fields of a message, read in pieces. All bytes are safe to read from; what is wrong with them shows in the result
 * of the two checks, and in fields above 2s. */
struct gsp__ans_reader {
    const struct gsp__ans *ans;
    const uint8_t *at, *end;
    unsigned lanes;
    uint32_t state[GSP__ANS_LANES];
};
/* False if the table or the first states are none that a writer writes. */
bool gsp__ans_open(struct gsp__ans_reader *reader, struct gsp__ans *ans, size_t d, const uint8_t *bytes, size_t length);
/* The next n fields; a multiple of GSP__ANS_LANES in every piece but the last. */
void gsp__ans_read(struct gsp__ans_reader *reader, size_t n, uint32_t *fields);
/* After the last field, the least and the greatest of them being given, both at most 2s: whether the bytes are used up,
 * the states are where a writer starts, and the table has no token above those that occurred. */
bool gsp__ans_ended(const struct gsp__ans_reader *reader, uint32_t least, uint32_t greatest);

#endif
