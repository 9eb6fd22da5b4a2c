// The health of one running container: probes on time, and the status that follows from them.
// The rules are Docker's (moby daemon/health.go), including what a start period forgives.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "shim/bundle/settings.hh"
#include "shim/bundle/state.hh"
#include "shim/exec/inside.hh"
#include "shim/loop/children.hh"
#include "shim/loop/loop-waiter.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Health {
public:
  using Changed = std::function<void(const HealthState& state)>;

  Health(Loop& loop, Children& children, Inside& inside, Changed changed)
      : loop_(loop), children_(children), inside_(inside), changed_(std::move(changed)) {}
  ~Health() { suspend(); }

  // The container has started: everything begins anew, as starting.
  void start(const HealthSettings& settings);
  void configure(const HealthSettings& settings);
  // No more probes; one that runs is killed and forgotten.
  void suspend();
  void resume();

private:
  int64_t interval_ms() const;
  void schedule();
  void probe();
  Async<Result<Process>> launch(Fd output);
  void on_launched(uint64_t number, Result<Process> launched);
  void on_end(int wait_status);
  std::string timeout_text() const;
  void read_output();
  void kill_probe();
  void close_output();
  void on_timeout();
  void conclude(int exit_code, std::string output);

  Loop& loop_;
  Children& children_;
  Inside& inside_;
  Changed changed_;
  HealthSettings settings_;
  HealthState state_;
  bool active_ = false;
  int64_t started_ms_ = 0;
  Loop::Timer next_ = 0;
  // The running probe; its number tells it from those that were given up.
  uint64_t number_ = 0;
  LoopWaiter* launching_ = nullptr;
  pid_t pid_ = -1;
  Fd pidfd_;
  Fd output_fd_;
  std::string output_;
  bool truncated_ = false;
  bool timed_out_ = false;
  int64_t probe_started_ns_ = 0;
  int64_t probe_started_ms_ = 0;
  Loop::Timer timeout_ = 0;
};

} // namespace fairlead::shim
