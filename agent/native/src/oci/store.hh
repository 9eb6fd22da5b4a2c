// What the command line remembers of a container between two calls: ROOT/ID with a record, the
// configuration as it was at create, and the socket that takes start.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "runtime/cgroup.hh"
#include "runtime/spec.hh"

namespace fairlead {

struct Record {
  std::string id, bundle, created, cgroup;
  std::string unit;      // of systemd, which has made the cgroup; else empty
  bool rootless = false; // hierarchies that the owner may not write to were left out
  pid_t pid = 0;
  uint64_t birth = 0; // start time of the process in clock ticks, against reuse of its number
  uid_t owner = 0;
};

class Store {
public:
  explicit Store(std::string root) : root_(std::move(root)) {}

  const std::string& root() const { return root_; }
  std::string folder(const std::string& id) const { return root_ + "/" + id; }

  // Makes the container's folder; refuses a bad id or one in use.
  Status reserve(const std::string& id) const;
  Status save(const Record& record) const;
  Status keep_config(const std::string& id, const std::string& text) const;
  Result<Record> load(const std::string& id) const;
  Result<Spec> config(const std::string& id) const;
  Status remove(const std::string& id) const;
  std::vector<std::string> ids() const;

  // The socket a waiting container listens on; the path may be longer than an address allows.
  Result<Fd> listen(const std::string& id) const;
  Result<Fd> connect(const std::string& id) const;
  bool waits(const std::string& id) const;
  void stop_waiting(const std::string& id) const;

private:
  std::string root_;
};

// The start time of a living process; 0 when it is gone or dead.
uint64_t birth_of(pid_t pid);
// "creating", "created", "running", "paused" or "stopped".
std::string status_of(const Store& store, const Record& record);

} // namespace fairlead
