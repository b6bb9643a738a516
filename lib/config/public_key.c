/* Public keys of nodes: X25519. */
#include <gossip/config.h>

#include <sodium.h>

int gsp_public_key(uint8_t public_key[GSP_KEY_BYTES], const uint8_t secret_key[GSP_KEY_BYTES])
{
    return crypto_scalarmult_base(public_key, secret_key) == 0 ? 0 : GSP_ERR_AUTH;
}
