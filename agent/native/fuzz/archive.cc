// The unpacker as a target. It writes files as root, so it runs in an empty root of its own.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "targets.hh"
#include "unpack/layer.hh"
#include "unpack/remove.hh"

namespace fairlead::fuzz {

namespace {

using Reader = std::unique_ptr<::archive, int (*)(::archive*)>;

void unpack_stream(const std::string& input, Whiteouts form) {
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_none(reader.get());
  if (archive_read_open_memory(reader.get(), input.data(), input.size()) != ARCHIVE_OK) return;
  Layer layer(form, Parents());
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) >= ARCHIVE_WARN)
    if (!layer.apply(reader.get(), entry)) break;
  (void)layer.finish();
}

} // namespace

// The first byte chooses the form of whiteouts; the rest is the stream.
void archive(const std::string& input) {
  if (input.empty()) return;
  constexpr Whiteouts FORMS[] = {Whiteouts::overlay, Whiteouts::plain, Whiteouts::marker};
  if (mkdir("/layer", 0700) != 0 || chdir("/layer") != 0) return;
  unpack_stream(input.substr(1), FORMS[static_cast<unsigned char>(input[0]) % 3]);
  if (chdir("/") == 0) (void)remove_tree("/layer");
}

bool enter_empty_root(const char* corpus) {
  char root[] = "/tmp/fairlead-fuzz-XXXXXX";
  const bool entered = mkdtemp(root) != nullptr && unshare(CLONE_NEWNS) == 0 &&
                       mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       mount("fuzz", root, "tmpfs", 0, "size=64m,nr_inodes=20k") == 0 &&
                       chdir(root) == 0 && mkdir("corpus", 0700) == 0 && mkdir("dev", 0700) == 0 &&
                       mount(corpus, "corpus", nullptr, MS_BIND, nullptr) == 0 &&
                       syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
                       chdir("/") == 0;
  if (!entered) perror("fuzz: enter an empty root");
  return entered;
}

} // namespace fairlead::fuzz
