// How one container is made and driven: by the library itself, by an OCI runtime's command line, or
// by liblxc's tools. Supervision (streams, log, restarts, health) is the same for all of them and
// knows only this.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/async.hh"
#include "base/waiter.hh"
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

// The calls that wait stand still until the waiter's time is over, never longer, and leave the loop
// free. Signals, and the killing of what is left, never wait behind another call.
class Execution {
public:
  virtual ~Execution() = default;

  // Builds the container up to just before its program; on failure nothing of it remains.
  virtual Async<Result<Born>> create(Waiter& waiter, const Stdio& stdio) = 0;
  // Lets the program begin; an error of the program itself has the step "exec".
  virtual Async<Status> start(Waiter& waiter) = 0;
  // A further process; it is a child of this one and must be reaped.
  virtual Async<Result<Process>> exec(Waiter& waiter, const ProcessSpec& process,
                                      const Stdio& stdio) = 0;
  // Signals the first process.
  virtual Async<Status> signal(Waiter& waiter, int number) = 0;
  virtual Async<Status> signal_all(Waiter& waiter, int number);
  virtual Async<Status> freeze(Waiter& waiter) { return fairlead::freeze(waiter, group_); }
  virtual Async<Status> thaw(Waiter& waiter) { return fairlead::thaw(waiter, group_); }
  // `json` is the text that `resources` was read from.
  virtual Async<Status> update(Waiter& waiter, const Resources& resources, const std::string& json);
  // The child whose end is the container's, and the container's wait status by that child's.
  virtual pid_t child() const = 0;
  virtual int end_of(int wait_status) { return wait_status; }
  // Ends what the first process's end left behind.
  virtual void end_rest() { (void)group_.kill_all(9); }
  // Removes everything that create() made.
  virtual Async<Status> destroy(Waiter& waiter) = 0;
  // How often the kernel's out-of-memory killer ended a process; nothing when it cannot be told.
  virtual std::optional<uint64_t> oom_kills() const { return group_.oom_kills(); }
  Fd oom_watch() const { return group_.oom_watch(); }

protected:
  explicit Execution(Cgroup group) : group_(std::move(group)) {}
  Cgroup group_;
};

using SharedSpec = std::shared_ptr<const Spec>;

// By the settings' runtime; the places stay the caller's and must live as long.
std::unique_ptr<Execution> make_execution(const Settings& settings, SharedSpec spec,
                                          const Places& places);
std::unique_ptr<Execution> make_native(const Settings& settings, SharedSpec spec,
                                       const Places& places);
std::unique_ptr<Execution> make_oci(const Settings& settings, SharedSpec spec,
                                    const Places& places);
std::unique_ptr<Execution> make_lxc(const Settings& settings, SharedSpec spec,
                                    const Places& places);

} // namespace fairlead::shim
