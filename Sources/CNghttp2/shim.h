// nghttp2, the HTTP/2 framing and HPACK library: what HTTP2 is built on.
#include <malloc.h>
#include <nghttp2/nghttp2.h>
