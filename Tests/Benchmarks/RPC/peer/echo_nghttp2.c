// The floor: what an echo over HTTP/2 costs with nghttp2 and nothing else. One thread, one epoll,
// one read and one write for each batch of frames, and no routing, metadata or handler.
//
// echo_nghttp2 [--port N]   prints `listening on 127.0.0.1:PORT` and serves until killed.
//
//   .../Echo    application/x-sarai: the body comes back, the last frame ends the stream.
//               application/grpc: the body comes back, with the trailers of a success.
//   .../Stream  application/grpc: `count` messages of `payload`, a DATA frame each.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BODY_BYTES_MAX = 4096,
  READ_BYTES_MAX = 64 * 1024,
  // Frames are gathered up to this; the last one may go beyond it by its own size.
  WRITE_BYTES_MAX = 64 * 1024,
  FRAME_BYTES_MAX = 9 + 16 * 1024,
  EVENTS_MAX = 256,
};

typedef struct stream {
  struct stream *next_free;
  bool is_grpc, is_server_stream;
  uint32_t messages_left;
  size_t begin, size;  // of what is sent: the body, or one message of the stream
  uint8_t bytes[BODY_BYTES_MAX];
} stream;

typedef struct connection {
  int descriptor;
  bool waits_for_room;
  nghttp2_session *session;
  // What the socket did not take; empty nearly always.
  uint8_t *unsent;
  size_t unsent_begin, unsent_size;
} connection;

static int poller;
static nghttp2_session_callbacks *callbacks;
static stream *free_streams;
static uint8_t read_buffer[READ_BYTES_MAX];
static uint8_t write_buffer[WRITE_BYTES_MAX + FRAME_BYTES_MAX];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (!memory) die("malloc");
  return memory;
}

// MARK: A stream

static stream *stream_open(void) {
  stream *self = free_streams;
  if (self) {
    free_streams = self->next_free;
  } else {
    self = allocate(sizeof *self);
  }
  memset(self, 0, offsetof(stream, bytes));
  return self;
}

static void stream_close(stream *self) {
  self->next_free = free_streams;
  free_streams = self;
}

static uint32_t read_varint(const uint8_t **at, const uint8_t *end) {
  uint32_t value = 0;
  for (int shift = 0; *at < end && shift < 35; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint32_t)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

static size_t write_varint(uint8_t *at, uint32_t value) {
  size_t size = 0;
  for (; value >= 0x80; value >>= 7) at[size++] = (uint8_t)(value | 0x80);
  at[size++] = (uint8_t)value;
  return size;
}

// Turns a framed StreamRequest into the framed EchoMessage that answers it `messages_left` times.
static bool stream_prepare(stream *self) {
  const uint8_t *at = self->bytes + 5, *end = self->bytes + self->size;
  const uint8_t *payload = at;
  uint32_t payload_size = 0;
  if (self->size < 5) return false;
  while (at < end) {
    switch (*at++) {
      case 0x08:  // count = 1
        self->messages_left = read_varint(&at, end);
        break;
      case 0x12:  // payload = 2
        payload_size = read_varint(&at, end);
        if (payload_size > (size_t)(end - at)) return false;
        payload = at;
        at += payload_size;
        break;
      default:
        return false;
    }
  }
  uint8_t message[BODY_BYTES_MAX + 16];
  size_t head = 5;
  if (payload_size) {
    message[head++] = 0x0a;  // payload = 1
    head += write_varint(message + head, payload_size);
  }
  self->size = head + payload_size;
  if (self->size > BODY_BYTES_MAX) return false;
  uint32_t length = htonl((uint32_t)(self->size - 5));
  message[0] = 0;
  memcpy(message + 1, &length, 4);
  memcpy(message + head, payload, payload_size);
  memcpy(self->bytes, message, self->size);
  return true;
}

// MARK: What nghttp2 calls

#define HEADER(name, value)                                                           \
  {                                                                                   \
    (uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, sizeof(value) - 1,       \
        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE                  \
  }

static const nghttp2_nv native_headers[] = {
    HEADER(":status", "200"), HEADER("content-type", "application/x-sarai")};
static const nghttp2_nv grpc_headers[] = {
    HEADER(":status", "200"), HEADER("content-type", "application/grpc")};
static const nghttp2_nv grpc_trailers[] = {HEADER("grpc-status", "0")};

static ssize_t read_data(nghttp2_session *session, int32_t id, uint8_t *buffer, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *user) {
  (void)user;
  stream *self = source->ptr;
  size_t size = self->size - self->begin;
  if (self->is_server_stream && !self->messages_left) size = 0;
  if (size > room) size = room;
  memcpy(buffer, self->bytes + self->begin, size);
  self->begin += size;
  if (self->begin == self->size && self->messages_left > 1) {
    self->messages_left--;
    self->begin = 0;
  } else if (self->begin == self->size || !size) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (self->is_grpc) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      if (nghttp2_submit_trailer(session, id, grpc_trailers, 1)) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
      }
    }
  }
  return (ssize_t)size;
}

static int begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
  (void)user;
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream_open());
}

static bool is(const uint8_t *value, size_t size, const char *text, size_t text_size) {
  return size == text_size && !memcmp(value, text, size);
}
#define IS(value, size, text) is(value, size, text, sizeof(text) - 1)

static int header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                  size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags,
                  void *user) {
  (void)flags, (void)user;
  stream *self = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!self) return 0;
  if (IS(name, name_size, ":path")) {
    static const char end[] = "/Stream";
    self->is_server_stream = value_size > sizeof end &&
                             !memcmp(value + value_size - sizeof end + 1, end, sizeof end - 1);
  } else if (IS(name, name_size, "content-type")) {
    self->is_grpc = IS(value, value_size, "application/grpc");
  }
  return 0;
}

static int data_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                      size_t size, void *user) {
  (void)flags, (void)user;
  stream *self = nghttp2_session_get_stream_user_data(session, id);
  if (!self) return 0;
  if (size > BODY_BYTES_MAX - self->size) {
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }
  memcpy(self->bytes + self->size, bytes, size);
  self->size += size;
  return 0;
}

static int frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
  (void)user;
  bool carries_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (!carries_end || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
  int32_t id = frame->hd.stream_id;
  stream *self = nghttp2_session_get_stream_user_data(session, id);
  if (!self) return 0;
  if (self->is_server_stream && !(self->is_grpc && stream_prepare(self))) {
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
  }
  nghttp2_data_provider body = {.source.ptr = self, .read_callback = read_data};
  return nghttp2_submit_response(session, id, self->is_grpc ? grpc_headers : native_headers, 2,
                                 &body);
}

static int stream_closed(nghttp2_session *session, int32_t id, uint32_t code, void *user) {
  (void)code, (void)user;
  stream *self = nghttp2_session_get_stream_user_data(session, id);
  if (self) stream_close(self);
  return 0;
}

// MARK: A connection

static void connection_open(int descriptor) {
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection *self = allocate(sizeof *self);
  *self = (connection){.descriptor = descriptor};
  static const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}};
  if (nghttp2_session_server_new(&self->session, callbacks, self) ||
      nghttp2_submit_settings(self->session, NGHTTP2_FLAG_NONE, settings, 1)) {
    die("nghttp2_session_server_new");
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)) die("epoll_ctl");
}

static void connection_close(connection *self) {
  // nghttp2_session_del says nothing of the streams that are still open: those of a client that
  // breaks off are lost, which a benchmark's server can bear.
  nghttp2_session_del(self->session);
  close(self->descriptor);
  free(self->unsent);
  free(self);
}

// Takes what the socket takes. -1: the connection has ended.
static ssize_t send_some(connection *self, const uint8_t *bytes, size_t size) {
  ssize_t sent = send(self->descriptor, bytes, size, MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return sent;
}

// One write of all frames that are ready; when there are more, the poller calls again.
static bool connection_write(connection *self) {
  if (self->unsent_size) {
    ssize_t sent = send_some(self, self->unsent + self->unsent_begin, self->unsent_size);
    if (sent < 0) return false;
    self->unsent_begin += (size_t)sent;
    self->unsent_size -= (size_t)sent;
    if (self->unsent_size) return true;
    free(self->unsent);
    self->unsent = NULL;
    self->unsent_begin = 0;
  }
  size_t size = 0;
  while (size < WRITE_BYTES_MAX) {
    const uint8_t *frame;
    ssize_t frame_size = nghttp2_session_mem_send(self->session, &frame);
    if (frame_size < 0) return false;
    if (frame_size == 0) break;
    memcpy(write_buffer + size, frame, (size_t)frame_size);
    size += (size_t)frame_size;
  }
  if (size) {
    ssize_t sent = send_some(self, write_buffer, size);
    if (sent < 0) return false;
    self->unsent_size = size - (size_t)sent;
    if (self->unsent_size) {
      self->unsent = allocate(self->unsent_size);
      memcpy(self->unsent, write_buffer + sent, self->unsent_size);
    }
  }
  bool wants_read = nghttp2_session_want_read(self->session);
  bool wants_write = self->unsent_size || nghttp2_session_want_write(self->session);
  if (wants_write != self->waits_for_room) {
    self->waits_for_room = wants_write;
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0),
                                .data.ptr = self};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, self->descriptor, &event)) die("epoll_ctl");
  }
  return wants_read || wants_write;
}

static bool connection_read(connection *self) {
  ssize_t size = recv(self->descriptor, read_buffer, sizeof read_buffer, 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  return nghttp2_session_mem_recv(self->session, read_buffer, (size_t)size) == size;
}

// MARK: The server

static int listen_at(uint16_t port) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  if (descriptor < 0) die("socket");
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(descriptor, (struct sockaddr *)&address, size)) die("bind");
  if (listen(descriptor, SOMAXCONN)) die("listen");
  if (getsockname(descriptor, (struct sockaddr *)&address, &size)) die("getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return descriptor;
}

int main(int count, char **arguments) {
  uint16_t port = 0;
  for (int i = 1; i + 1 < count; i += 2) {
    if (!strcmp(arguments[i], "--port")) port = (uint16_t)atoi(arguments[i + 1]);
  }
  if (nghttp2_session_callbacks_new(&callbacks)) die("nghttp2_session_callbacks_new");
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);

  poller = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_at(port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");

  for (;;) {
    struct epoll_event events[EVENTS_MAX];
    int ready = epoll_wait(poller, events, EVENTS_MAX, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; i++) {
      connection *self = events[i].data.ptr;
      if (!self) {
        int descriptor;
        while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
          connection_open(descriptor);
        }
        continue;
      }
      bool alive = !(events[i].events & ~(uint32_t)EPOLLOUT) || connection_read(self);
      if (!alive || !connection_write(self)) connection_close(self);
    }
  }
}
