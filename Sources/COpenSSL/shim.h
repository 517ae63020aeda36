/* OpenSSL's libssl, with functions for the macros that Swift does not import. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int sarai_ssl_ctx_set_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline long sarai_ssl_ctx_set_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_mode(context, mode);
}
static inline long sarai_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}
static inline int sarai_ssl_set_host_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline int sarai_ssl_alpn_select(
    unsigned char **out, unsigned char *out_length, const unsigned char *ours,
    unsigned int ours_length, const unsigned char *theirs, unsigned int theirs_length) {
  return SSL_select_next_proto(
      out, out_length, ours, ours_length, theirs, theirs_length);
}

/* No renegotiation, no compression; HTTP/2 and HTTP/1.1 say themselves where they end. */
static inline uint64_t sarai_ssl_options(void) {
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF;
}
