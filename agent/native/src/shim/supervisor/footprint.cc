// malloc_trim(3) and MADV_DONTNEED on the read-only segments, which hold nothing but the file.
#include "shim/supervisor/footprint.hh"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace fairlead::shim {

namespace {

int give_back(dl_phdr_info* program, size_t, void*) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t start = program->dlpi_addr + segment.p_vaddr;
    const uintptr_t first = (start + page - 1) & ~(page - 1); // a page shared with data stays
    const uintptr_t end = (start + segment.p_memsz) & ~(page - 1);
    if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 1; // the program itself comes first; the kernel's vdso after it is no file
}

} // namespace

void trim_footprint() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(give_back, nullptr);
}

} // namespace fairlead::shim
