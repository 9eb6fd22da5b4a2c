// The cache of compiled seccomp filters: one file per profile below the run directory.
#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/fd.hh"
#include "base/file.hh"
#include "runtime/seccomp.hh"

namespace fairlead {

namespace {

constexpr size_t MOST_INSTRUCTIONS = 4096; // BPF_MAXINSNS

struct Header {
  char magic[8] = {'f', 'l', 's', 'c', 'm', 'p', '0', '1'};
  uint32_t library = 0; // version of libseccomp, whose tables are part of the result
  uint32_t instructions = 0;
  uint64_t profile_bytes = 0;
};

uint32_t library_version() {
  const scmp_version* version = seccomp_version();
  return version->major << 16U | version->minor << 8U | version->micro;
}

std::string name_of(const std::string& text) {
  uint64_t hash = 1469598103934665603U; // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  char name[24];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return name;
}

bool ours(int fd, mode_t type) {
  struct stat info{};
  return fstat(fd, &info) == 0 && (info.st_mode & S_IFMT) == type && info.st_uid == geteuid() &&
         (info.st_mode & 022) == 0;
}

Fd open_cache(const std::string& run_dir) {
  const std::string path = run_dir + "/seccomp";
  for (int attempt = 0; attempt < 2; ++attempt) {
    Fd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder) return ours(folder.get(), S_IFDIR) ? std::move(folder) : Fd();
    mkdir(run_dir.c_str(), 0711);
    mkdir(path.c_str(), 0700);
  }
  return {};
}

Filter load(const Fd& folder, const std::string& name, const std::string& profile) {
  const Fd file(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file || !ours(file.get(), S_IFREG)) return {};
  Header header;
  const Header expected;
  if (read(file.get(), &header, sizeof header) != static_cast<ssize_t>(sizeof header)) return {};
  if (memcmp(header.magic, expected.magic, sizeof header.magic) != 0 ||
      header.library != library_version() || header.profile_bytes != profile.size() ||
      header.instructions == 0 || header.instructions > MOST_INSTRUCTIONS)
    return {};
  std::string there(profile.size(), '\0');
  Filter filter(header.instructions);
  const auto bytes = static_cast<ssize_t>(filter.size() * sizeof(sock_filter));
  if (read(file.get(), there.data(), there.size()) != static_cast<ssize_t>(there.size()) ||
      there != profile || read(file.get(), filter.data(), static_cast<size_t>(bytes)) != bytes)
    return {};
  return filter;
}

// A cache that cannot be written costs time, not correctness.
void store(const std::string& path, const std::string& profile, const Filter& filter) {
  Header header;
  header.library = library_version();
  header.instructions = static_cast<uint32_t>(filter.size());
  header.profile_bytes = profile.size();
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  text += profile;
  text.append(reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof(sock_filter));
  (void)replace_file(path, text);
}

} // namespace

Result<Filter> cached_filter(const Seccomp& profile, const std::string& run_dir) {
  if (run_dir.empty() || profile.source.empty()) return compile_filter(profile);
  const Fd folder = open_cache(run_dir);
  if (!folder) return compile_filter(profile);
  const std::string name = name_of(profile.source);
  Filter found = load(folder, name, profile.source);
  if (!found.empty()) return found;
  auto filter = compile_filter(profile);
  if (filter) store(run_dir + "/seccomp/" + name, profile.source, *filter);
  return filter;
}

} // namespace fairlead
