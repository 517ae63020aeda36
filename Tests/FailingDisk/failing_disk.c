#define _GNU_SOURCE
#include "failing_disk.h"
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char failing[PATH_MAX];

void failing_disk_fail_under(const char *folder) {
  pthread_mutex_lock(&mutex);
  snprintf(failing, sizeof failing, "%s", folder);
  pthread_mutex_unlock(&mutex);
}

void failing_disk_mend(void) { failing_disk_fail_under(""); }

static int is_failing(int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  pthread_mutex_lock(&mutex);
  int fails = failing[0] != 0 && strncmp(path, failing, strlen(failing)) == 0;
  pthread_mutex_unlock(&mutex);
  return fails;
}

/* These go before those of the C library, also for the libraries that the tests link. */
int fdatasync(int descriptor) {
  if (is_failing(descriptor)) { errno = EIO; return -1; }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return real(descriptor);
}

int fsync(int descriptor) {
  if (is_failing(descriptor)) { errno = EIO; return -1; }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return real(descriptor);
}
