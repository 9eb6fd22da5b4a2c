// The life of one container: created, started, watched, stopped, restarted by policy.
// Knows nothing of sockets and JSON; the control socket calls it and hears its events.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shim/bundle/settings.hh"
#include "shim/bundle/state.hh"
#include "shim/disk/disk.hh"
#include "shim/disk/state-file.hh"
#include "shim/dns/resolver.hh"
#include "shim/exec/execs.hh"
#include "shim/exec/health.hh"
#include "shim/exec/inside.hh"
#include "shim/execution/execution.hh"
#include "shim/log/log.hh"
#include "shim/loop/children.hh"
#include "shim/loop/lock.hh"
#include "shim/loop/loop-waiter.hh"
#include "shim/loop/loop.hh"
#include "shim/ports/ports.hh"
#include "shim/streams/streams.hh"

namespace fairlead::shim {

struct Event {
  const char* name; // one of the closed list in docs/shim-protocol.md
  std::string exec; // of exec events
  int exit_code = 0;
};

struct Update {
  std::optional<Resources> resources;
  std::string resources_json; // the text of the same
  std::optional<RestartSettings> restart;
  std::optional<bool> stop_requested;
};

class Supervisor : private Inside {
public:
  using Listener = std::function<void(const Event& event)>;
  using Stopped = std::function<void(const Status& status)>;

  Supervisor(Loop& loop, Places places);
  ~Supervisor() override;

  // on_event hears every change; on_end is called once, after the final exit has been told.
  void listen(Listener on_event, std::function<void()> on_end);
  // Reads the bundle and builds the container; starts it too when shim.json says so.
  Async<Status> prepare();

  Async<Status> start();
  Async<Status> kill(int signal, bool all);
  // `stopped` is called when the process has exited, or with an error when SIGKILL does not end it.
  void stop(int signal, int64_t timeout_ms, Stopped stopped);
  Async<Status> pause();
  Async<Status> resume();
  Async<Status> update(Update update);
  Status reload();
  // Says why there is nothing to attach to, else nothing; call attach() then.
  Status attachable() const;
  void attach(const std::shared_ptr<Connection>& client, Wanted wanted);
  Status resize(int rows, int columns);
  Execs& execs() { return execs_; }
  const State& state() const { return state_; }

  // The shim itself was told to end: stops the container, and forgets no restart policy.
  void terminate();
  Children& children() { return children_; }

private:
  Async<Result<Process>> run(Waiter& waiter, const ProcessSpec& process,
                             const Stdio& stdio) override;
  ProcessSpec process() const override;

  Status load();
  Status open_log();
  Async<Status> create(Waiter& waiter);
  Async<Status> create_process(Waiter& waiter);
  Status open_resolver();
  void close_resolver();
  Result<Fd> network_namespace() const;
  Async<Status> launch(Waiter& waiter);
  Async<Status> try_start();
  Async<Status> try_restart();
  Async<Status> try_pause();
  Async<Status> try_resume();
  Async<Status> try_update(const Update& update);
  Async<Status> send_signal(int signal, bool all);
  void expect_exit();
  void check_exit();
  Async<Status> end_birth(bool born);
  bool ending() const { return state_.stop_requested || terminating_ || !stops_.empty(); }
  void on_started();
  void on_init_exit(int wait_status);
  void on_drained();
  void on_start_failure(const Error& error);
  Async<Status> clean_up();
  Async<Status> wind_up();
  void settle();
  Async<Status> restart();
  void finish();
  void stop_restarting();
  void signal_init(int signal);
  void watch_memory();
  void on_memory_event();
  void answer_stops(const Status& status);
  void escalate(int64_t timeout_ms);
  void changed(const char* event);
  void save_state();
  Status running() const;

  Loop& loop_;
  Children children_;
  Lock lock_; // held by what makes, changes or removes the container as a whole
  Places places_;
  Disk disk_;
  StateFile state_file_;
  Settings settings_;
  std::shared_ptr<Spec> spec_;
  State state_;
  std::shared_ptr<Log> log_;
  Ports ports_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Resolver> resolver_;
  ino_t resolver_netns_ = 0;
  std::shared_ptr<Execution> execution_; // while there is a container
  LoopWaiter* birth_ = nullptr;          // of the creation or start that goes on
  Execs execs_;
  Health health_;
  Restarts restarts_;
  Fd memory_watch_;
  uint64_t oom_kills_ = 0;
  bool memory_was_out_ = false;
  std::vector<Stopped> stops_;
  Loop::Timer kill_timer_ = 0;
  Loop::Timer stuck_timer_ = 0;
  Loop::Timer restart_timer_ = 0;
  Loop::Timer sync_timer_ = 0;
  int64_t kill_due_ms_ = 0;
  int64_t started_ms_ = 0;
  std::optional<int> exited_; // wait status, until it is handled
  bool terminating_ = false;
  bool finished_ = false;
  Listener on_event_;
  std::function<void()> on_end_;
};

} // namespace fairlead::shim
