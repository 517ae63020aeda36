/* What Glibc's module map leaves out. */
#include <malloc.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

/* accept4 needs _GNU_SOURCE, which a module map cannot set before Glibc's own headers. */
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

/* The same holds for epoll_pwait2 (Linux 5.11, glibc 2.35), which waits to the nanosecond. */
static inline int sarai_epoll_wait(
    int epoll, struct epoll_event *events, int count, long long nanoseconds) {
  struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int ready = epoll_pwait2(epoll, events, count, nanoseconds < 0 ? NULL : &time, NULL);
  if (ready >= 0 || errno != ENOSYS) return ready;
  /* Older kernels, and valgrind: milliseconds, rounded up so that timers are due at the end. */
  long long milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
  return epoll_wait(epoll, events, count, milliseconds > 60000 ? 60000 : (int)milliseconds);
}

/* Macros and enumerations that Swift imports as other types than the calls take. */
static inline int sarai_so_reuseport(void) { return SO_REUSEPORT; }
static inline int sarai_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int sarai_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int sarai_stream_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
/* A service needs a descriptor for each connection; the soft limit (1024) is there for select(2). */
static inline void sarai_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}
static inline int sarai_accept(int fd) {
  return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
static inline ssize_t sarai_send(int fd, const void *bytes, size_t count) {
  return send(fd, bytes, count, MSG_NOSIGNAL);
}
