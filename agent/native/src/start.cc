// The entry point, which comes before the C library's. A command that enters containers runs the
// binary again from a read-only view (see runtime/seal.cc); to do so here spares it setting up
// libraries twice, which costs as much as half of the rest of a command's own work. Whatever fails
// here is done again, and reported, by seal_binary.
//
// Nothing is relocated yet, there are no stack protector and no string functions: the Makefile
// compiles this file as freestanding.
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "runtime/readonly-view.hh"

namespace {

using fairlead::raw;
using fairlead::raw_syscall;

bool same(const char* left, const char* right) {
  while (*left == *right && *left != '\0') ++left, ++right;
  return *left == *right;
}

// The command is the first word or comes after options. A word that only looks like one costs time
// and nothing else.
bool enters_containers(int count, char** words) {
  if (count < 2) return false;
  for (int at = 1; at < count; ++at) {
    const char* word = words[at];
    if (same(word, "run") || same(word, "create") || same(word, "exec")) return true;
    if (words[1][0] != '-') return false;
  }
  return false;
}

} // namespace

// `stack` is what the kernel hands over: the count, the words and the environment, each list ended
// by a null (execve(2), System V ABI).
extern "C" __attribute__((visibility("hidden"), used)) void before_libraries(long* stack) {
  const int count = static_cast<int>(stack[0]);
  auto** words = reinterpret_cast<char**>(stack + 1);
  if (!enters_containers(count, words)) return;
  struct statfs file; // as yet unset: clearing it would call memset
  if (raw_syscall(SYS_statfs, raw(fairlead::OWN_BINARY), raw(&file)) < 0) return;
  if ((file.f_flags & ST_RDONLY) != 0) return;
  const long view = fairlead::readonly_view(0); // see drop_view
  if (view < 0) return;
  raw_syscall(SYS_execveat, view, raw(""), raw(words), raw(words + count + 1), AT_EMPTY_PATH);
  raw_syscall(SYS_close, view);
}

// Calls the above with the stack as it is and goes on to the C library, whose _start needs the
// registers as they came.
#if defined(__x86_64__)
__asm__(R"(
  .pushsection .text.fairlead_start, "ax", @progbits
  .globl fairlead_start
  .hidden fairlead_start
  .type fairlead_start, @function
fairlead_start:
  endbr64
  xorl %ebp, %ebp
  movq %rsp, %rdi
  pushq %rdx
  pushq %rdx
  call before_libraries
  popq %rdx
  popq %rdx
  jmp _start
  .size fairlead_start, . - fairlead_start
  .popsection
)");
#elif defined(__aarch64__)
__asm__(R"(
  .pushsection .text.fairlead_start, "ax", %progbits
  .globl fairlead_start
  .hidden fairlead_start
  .type fairlead_start, %function
fairlead_start:
  hint #34
  mov x29, #0
  mov x30, #0
  mov x19, x0
  mov x0, sp
  bl before_libraries
  mov x0, x19
  b _start
  .size fairlead_start, . - fairlead_start
  .popsection
)");
#else
#error "start.cc: write the entry point of this architecture"
#endif
