// What lets the addon be built with a new glibc and load on one from 2.28 on, which is what Node
// itself needs: the few functions that have a newer version there, in terms of what is older. They
// are seen by the addon alone. test/agent/native/hardening.test.ts holds it to that version.
#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

// Since 2.34 these are in libc, under a new version beside their old one; before, in libpthread.
#ifdef __aarch64__
#define FIRST_VERSION "GLIBC_2.17"
#else
#define FIRST_VERSION "GLIBC_2.2.5"
#endif
#define OLDER(name) __asm__(".symver older_" #name "," #name "@" FIRST_VERSION)

OLDER(pthread_create);
OLDER(pthread_join);
OLDER(pthread_once);
OLDER(pthread_key_create);

extern "C" {

int older_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int older_pthread_join(pthread_t, void**);
int older_pthread_once(pthread_once_t*, void (*)());
int older_pthread_key_create(pthread_key_t*, void (*)(void*));

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) noexcept {
  return older_pthread_create(thread, attributes, run, argument);
}
int pthread_join(pthread_t thread, void** result) { return older_pthread_join(thread, result); }
int pthread_once(pthread_once_t* once, void (*run)()) { return older_pthread_once(once, run); }
int __pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) {
  return older_pthread_key_create(key, destroy);
}

// 2.33: before, these were inline functions of the headers.
int fstat(int fd, struct stat* answer) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, answer));
}
int mknod(const char* path, mode_t mode, dev_t device) noexcept {
  return static_cast<int>(syscall(SYS_mknodat, AT_FDCWD, path, mode, device));
}

// 2.36, of libstdc++'s random_device.
uint32_t arc4random() noexcept {
  uint32_t number = 0;
  while (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
  }
  return number;
}

// 2.32: whether libstdc++ may count references without locks. Node has many threads.
char __libc_single_threaded = 0;

// 2.35: finds the handler of an exception. The addon is built without them; not found ends it.
int _dl_find_object(void*, void*) noexcept { return -1; }

} // extern "C"
