// Preloaded into either side, counts what it allocates and prints the number at the end, to the
// file descriptor 3: `operator new` and Swift's allocations end in these calls too.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static atomic_ulong allocations;

void* malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) {
  allocations++;
  return __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  allocations++;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : 12;
}

__attribute__((destructor)) static void report(void) {
  dprintf(3, "%lu\n", atomic_load(&allocations));
}
