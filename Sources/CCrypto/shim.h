// OpenSSL's libcrypto, what Wire and Cryptography use of it: digests, ciphers, keys, scrypt.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
