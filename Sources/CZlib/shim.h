/* zlib, with functions for the macros that Swift does not import. */
#include <zlib.h>

/* 16 more than the window's bits asks for the gzip format. */
static inline int sarai_gzip_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
static inline int sarai_gunzip_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}
