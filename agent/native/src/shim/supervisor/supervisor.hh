// The life of one container: created, started, watched, stopped, restarted by policy.
// Knows nothing of sockets and JSON; the control socket calls it and hears its events.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shim/bundle/settings.hh"
#include "shim/bundle/state.hh"
#include "shim/dns/resolver.hh"
#include "shim/exec/execs.hh"
#include "shim/exec/health.hh"
#include "shim/exec/inside.hh"
#include "shim/execution/execution.hh"
#include "shim/log/log.hh"
#include "shim/loop/loop.hh"
#include "shim/ports/ports.hh"
#include "shim/streams/streams.hh"
#include "shim/supervisor/restart.hh"

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
  Status prepare();

  Status start();
  Status kill(int signal, bool all);
  // `stopped` is called when the process has exited, or with an error when SIGKILL does not end it.
  void stop(int signal, int64_t timeout_ms, Stopped stopped);
  Status pause();
  Status resume();
  Status update(const Update& update);
  Status reload();
  // Says why there is nothing to attach to, else nothing; call attach() then.
  Status attachable() const;
  void attach(const std::shared_ptr<Connection>& client, Wanted wanted);
  Status resize(int rows, int columns);
  Execs& execs() { return execs_; }
  const State& state() const { return state_; }

  // The shim itself was told to end: stops the container, and forgets no restart policy.
  void terminate();
  void on_child(pid_t pid, int wait_status);
  // Called when every child of this turn has been reaped; the container's own exit comes last.
  void on_children_reaped();

private:
  Result<Process> run(const ProcessSpec& process, const Stdio& stdio) override;
  ProcessSpec process() const override;

  Status load();
  Status create();
  Status create_process();
  Status open_resolver();
  Result<Fd> network_namespace() const;
  Status launch();
  void on_started();
  void on_init_exit(int wait_status);
  void on_drained();
  void on_start_failure(const Error& error);
  void clean_up();
  void settle();
  void restart();
  void finish();
  void signal_init(int signal);
  void watch_memory();
  void on_memory_event();
  void answer_stops(const Status& status);
  void escalate(int64_t timeout_ms);
  void changed(const char* event);
  void save_state();
  Status running() const;

  Loop& loop_;
  Places places_;
  Settings settings_;
  Spec spec_;
  State state_;
  std::unique_ptr<Log> log_;
  Ports ports_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Resolver> resolver_;
  ino_t resolver_netns_ = 0;
  std::unique_ptr<Execution> execution_; // while there is a container
  Execs execs_;
  Health health_;
  Restart restart_;
  Fd memory_watch_;
  uint64_t oom_kills_ = 0;
  bool memory_was_out_ = false;
  std::vector<Stopped> stops_;
  Loop::Timer kill_timer_ = 0;
  Loop::Timer stuck_timer_ = 0;
  Loop::Timer restart_timer_ = 0;
  Loop::Timer quiet_timer_ = 0;
  Loop::Timer sync_timer_ = 0;
  int64_t kill_due_ms_ = 0;
  int64_t started_ms_ = 0;
  std::optional<int> exited_; // wait status, until on_children_reaped
  bool terminating_ = false;
  bool finished_ = false;
  Listener on_event_;
  std::function<void()> on_end_;
};

} // namespace fairlead::shim
