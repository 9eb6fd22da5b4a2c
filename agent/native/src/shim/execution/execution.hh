// How one container is made and driven: by the library itself, by an OCI runtime's command line, or
// by liblxc's tools. Supervision (streams, log, restarts, health) is the same for all of them and
// knows only this.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "runtime/create.hh"
#include "runtime/exec.hh"
#include "runtime/hooks.hh"
#include "runtime/namespaces.hh"
#include "shim/bundle/settings.hh"

namespace fairlead::shim {

struct Places {
  std::string bundle;
  std::string state_dir;
  std::string run_dir; // for the cache of compiled seccomp filters, and short socket paths
  std::string binary;  // of this program, for the entry of a container that lxc makes
};

struct Born {
  pid_t pid = -1;    // the container's first process
  Fd console_master; // only with a terminal
};

class Execution {
public:
  virtual ~Execution() = default;

  // Builds the container up to just before its program; on failure nothing of it remains.
  virtual Result<Born> create(const Stdio& stdio) = 0;
  // Lets the program begin; an error of the program itself has the step "exec".
  virtual Status start() = 0;
  // A further process; it is a child of this one and must be reaped.
  virtual Result<Process> exec(const ProcessSpec& process, const Stdio& stdio) = 0;
  // Signals the first process.
  virtual Status signal(int number) = 0;
  virtual Status signal_all(int number) { return group_.kill_all(number); }
  virtual Status freeze() { return group_.freeze(); }
  virtual Status thaw() { return group_.thaw(); }
  // `json` is the text that `resources` was read from.
  virtual Status update(const Resources& resources, const std::string& json);
  // The wait status of the container when a reaped child's end is the container's; else nothing.
  virtual std::optional<int> end_of(pid_t child, int wait_status) = 0;
  // Ends what the first process's end left behind.
  virtual void end_rest() { (void)group_.kill_all(9); }
  // Removes everything that create() made.
  virtual Status destroy() = 0;
  // How often the kernel's out-of-memory killer ended a process; nothing when it cannot be told.
  virtual std::optional<uint64_t> oom_kills() const { return group_.oom_kills(); }
  Fd oom_watch() const { return group_.oom_watch(); }

protected:
  explicit Execution(Cgroup group) : group_(std::move(group)) {}
  Cgroup group_;
};

// By the settings' runtime; the spec and the places stay the caller's and must live as long.
std::unique_ptr<Execution> make_execution(const Settings& settings, const Spec& spec,
                                          const Places& places);
std::unique_ptr<Execution> make_native(const Settings& settings, const Spec& spec,
                                       const Places& places);
std::unique_ptr<Execution> make_oci(const Settings& settings, const Spec& spec,
                                    const Places& places);
std::unique_ptr<Execution> make_lxc(const Settings& settings, const Spec& spec,
                                    const Places& places);

} // namespace fairlead::shim
