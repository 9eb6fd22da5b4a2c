// Records of the command line's containers, see store.hh.
#include "oci/store.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.hh"
#include "base/json-text.hh"
#include "base/json.hh"
#include "base/unix-socket.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

// The rule of runc and crun, without "." and "..".
bool good_id(const std::string& id) {
  if (id.empty() || id.size() > 1024 || id == "." || id == "..") return false;
  return std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '.';
  });
}

Result<Fd> socket_in(const std::string& folder, bool listening) {
  const Fd directory(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail("open container folder", folder);
  Fd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return fail("make socket");
  // An address is short; through /proc/self/fd any folder is short enough.
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/start";
  const auto address = unix_address("name socket", path);
  if (!address) return std::unexpected(address.error());
  const auto* plain = reinterpret_cast<const sockaddr*>(&*address);
  if (!listening) {
    if (::connect(fd.get(), plain, sizeof *address) < 0)
      return fail("connect to container", folder);
    return fd;
  }
  if (bind(fd.get(), plain, sizeof *address) < 0 || ::listen(fd.get(), 1) < 0)
    return fail("listen for start", folder);
  return fd;
}

} // namespace

Status Store::reserve(const std::string& id) const {
  if (!good_id(id)) return refuse("check id", "must be made of letters, digits and _+-.", id);
  if (mkdir(folder(id).c_str(), 0700) == 0) return {};
  for (size_t at = errno == ENOENT ? 0 : root_.npos; at != root_.npos;) {
    at = root_.find('/', at + 1);
    if (mkdir(root_.substr(0, at).c_str(), 0711) < 0 && errno != EEXIST)
      return fail("make folder", root_.substr(0, at));
  }
  if (mkdir(folder(id).c_str(), 0700) == 0) return {};
  if (errno == EEXIST) return refuse("create", "a container with this id exists", id);
  return fail("make folder", folder(id));
}

Status Store::save(const Record& record) const {
  const std::string text =
      "{\"id\":" + quoted(record.id) + ",\"bundle\":" + quoted(record.bundle) +
      ",\"created\":" + quoted(record.created) + ",\"cgroup\":" + quoted(record.cgroup) +
      ",\"unit\":" + quoted(record.unit) + ",\"rootless\":" + (record.rootless ? "true" : "false") +
      ",\"pid\":" + std::to_string(record.pid) + ",\"birth\":" + std::to_string(record.birth) +
      ",\"owner\":" + std::to_string(record.owner) + "}\n";
  return replace_file(folder(record.id) + "/record.json", text);
}

Status Store::keep_config(const std::string& id, const std::string& text) const {
  return create_file(folder(id) + "/config.json", text);
}

Result<Record> Store::load(const std::string& id) const {
  if (!good_id(id)) return refuse("load container", "does not exist", id);
  const auto text = read_file(folder(id) + "/record.json");
  if (!text) {
    if (text.error().code == ENOENT) return refuse("load container", "does not exist", id);
    return std::unexpected(text.error());
  }
  const auto document = parse_json(*text, "record");
  if (!document) return std::unexpected(document.error());
  std::optional<Error> error;
  const JsonObject object(&*document, "", &error);
  Record record;
  object.text("id", record.id);
  object.text("bundle", record.bundle);
  object.text("created", record.created);
  object.text("cgroup", record.cgroup);
  object.text("unit", record.unit);
  object.flag("rootless", record.rootless);
  object.number("pid", record.pid);
  object.number("birth", record.birth);
  object.number("owner", record.owner);
  if (error) return std::unexpected(*error);
  return record;
}

Result<Spec> Store::config(const std::string& id) const {
  return parse_spec(folder(id) + "/config.json");
}

Status Store::remove(const std::string& id) const {
  const std::string path = folder(id);
  for (const char* name : {"/record.json", "/config.json"})
    if (unlink((path + name).c_str()) < 0 && errno != ENOENT) return fail("remove", path + name);
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  // The socket of one that was never started, and what a killed command had not yet renamed.
  DIR* directory = opendir(path.c_str());
  while (const dirent* entry = directory == nullptr ? nullptr : readdir(directory))
    (void)unlinkat(dirfd(directory), entry->d_name, 0);
  if (directory != nullptr) closedir(directory);
  if (rmdir(path.c_str()) < 0 && errno != ENOENT) return fail("remove", path);
  return {};
}

std::vector<std::string> Store::ids() const {
  std::vector<std::string> found;
  DIR* directory = opendir(root_.c_str());
  if (directory == nullptr) return found;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (good_id(name) && access((root_ + "/" + name + "/record.json").c_str(), F_OK) == 0)
      found.push_back(name);
  }
  closedir(directory);
  std::sort(found.begin(), found.end());
  return found;
}

Result<Fd> Store::listen(const std::string& id) const { return socket_in(folder(id), true); }

Result<Fd> Store::connect(const std::string& id) const { return socket_in(folder(id), false); }

bool Store::waits(const std::string& id) const {
  return access((folder(id) + "/start").c_str(), F_OK) == 0;
}

void Store::stop_waiting(const std::string& id) const { unlink((folder(id) + "/start").c_str()); }

uint64_t birth_of(pid_t pid) {
  if (pid <= 0) return 0;
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return 0;
  size_t at = text->rfind(')'); // the name may hold anything, also blanks and brackets
  if (at == text->npos || at + 2 >= text->size()) return 0;
  const char state = (*text)[at + 2];
  if (state == 'Z' || state == 'X') return 0;
  for (int field = 2; field < 22 && at != text->npos; ++field) at = text->find(' ', at + 1);
  return at == text->npos ? 0 : strtoull(text->c_str() + at + 1, nullptr, 10);
}

std::string status_of(const Store& store, const Record& record) {
  if (record.pid == 0) return "creating";
  const uint64_t birth = birth_of(record.pid);
  if (birth == 0 || birth != record.birth) return "stopped";
  if (store.waits(record.id)) return "created";
  return cgroup_of(record).frozen() ? "paused" : "running";
}

} // namespace fairlead
