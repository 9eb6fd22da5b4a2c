// Memory of the agent's own process, which Node leaves to the allocator and the kernel.
#include <malloc.h>
#include <sys/mman.h>

#include <charconv>

#include "addon/job.hh"
#include "addon/topics.hh"
#include "base/file.hh"

namespace fairlead::addon {

namespace {

// Code that nobody has written to: "start-end r-xp offset device inode path" (proc_pid_maps(5)).
// The pages stay in the page cache and come back one by one as they are run.
void drop_code(const std::string& line) {
  uintptr_t start = 0, end = 0;
  const char* const last = line.data() + line.size();
  const auto [dash, bad_start] = std::from_chars(line.data(), last, start, 16);
  if (bad_start != std::errc{} || dash == last) return;
  const auto [blank, bad_end] = std::from_chars(dash + 1, last, end, 16);
  if (bad_end != std::errc{} || end <= start) return;
  if (std::string_view(blank, last).starts_with(" r-xp ") && line.find(" /") != line.npos)
    ::madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
}

Napi::Value js_give_back_memory(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  return run<void>(info.Env(), arguments, []() -> Status {
    ::malloc_trim(0);
    const auto maps = read_file("/proc/self/maps");
    if (!maps) return std::unexpected(maps.error());
    for (size_t at = 0; at < maps->size();) {
      const size_t end = std::min(maps->find('\n', at), maps->size());
      drop_code(maps->substr(at, end - at));
      at = end + 1;
    }
    return {};
  });
}

} // namespace

void register_memory(Napi::Env env, Napi::Object exports) {
  ::mallopt(M_ARENA_MAX, 1); // a pool of eight threads would keep eight heaps
  exports.Set("giveBackMemory", Napi::Function::New(env, js_give_back_memory));
}

} // namespace fairlead::addon
