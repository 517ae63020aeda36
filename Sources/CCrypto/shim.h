// OpenSSL's libcrypto, what Wire uses of it: the digests of EVP.
#include <openssl/evp.h>
