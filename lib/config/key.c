/* Keys as base64 text. Messages never repeat the text: it may be a private key. */
#include <gossip/config.h>

#include <sodium.h>
#include <string.h>

int gsp_key_decode(uint8_t key[GSP_KEY_BYTES], const char *text, size_t length, struct gsp_error *error)
{
    while (length && strchr(" \t\r\n", text[length - 1]) && text[length - 1]) length--;
    while (length && strchr(" \t\r\n", *text) && *text) {
        text++;
        length--;
    }
    if (length != 44)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "not a key: a key is 44 characters of base64, here there are %zu; copy it whole", length);
    uint8_t bytes[GSP_KEY_BYTES];
    size_t written = 0;
    if (sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &written, NULL, sodium_base64_VARIANT_ORIGINAL) ||
        written != sizeof bytes)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "not a key: it has the length of one, but is not the base64 of 32 bytes (a character may "
                             "have been lost or changed in copying)");
    memcpy(key, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return 0;
}

void gsp_key_encode(char text[45], const uint8_t key[GSP_KEY_BYTES])
{
    sodium_bin2base64(text, 45, key, GSP_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
}
