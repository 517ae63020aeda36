// Goes before the C library in a service that the chaos harness starts: the disk fails, or the clock
// jumps, as the file $CHAOS_TROUBLE says, which the harness writes meanwhile:
//
//   8 bytes   nanoseconds that CLOCK_REALTIME is ahead
//   8 bytes   not zero: fdatasync and fsync give EIO

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct trouble {
  volatile int64_t ahead;
  volatile int64_t fails;
};

static struct trouble none;
static struct trouble *trouble = &none;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  const char *path = getenv("CHAOS_TROUBLE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) trouble = memory;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = real_clock_gettime(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME && trouble->ahead != 0) {
    int64_t time = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + trouble->ahead;
    now->tv_sec = time / 1000000000;
    now->tv_nsec = time % 1000000000;
  }
  return result;
}

int fdatasync(int file) {
  if (trouble->fails) { errno = EIO; return -1; }
  return real_fdatasync(file);
}

int fsync(int file) {
  if (trouble->fails) { errno = EIO; return -1; }
  return real_fsync(file);
}
