// Further processes in the container: started on request, their streams, and how they ended.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "shim/exec/inside.hh"
#include "shim/loop/loop.hh"
#include "shim/streams/streams.hh"

namespace fairlead::shim {

struct ExecRequest {
  std::string id;
  ProcessSpec process;
  bool tty = false;
  bool attach = false;
  Wanted streams;
};

struct ExecStatus {
  bool running = false;
  pid_t pid = 0;
  int exit_code = 0;
};

class Execs {
public:
  // name is exec_started or exec_exited.
  using Event = std::function<void(const char* name, const std::string& id, int exit_code)>;

  Execs(Loop& loop, Inside& inside, Event event)
      : loop_(loop), inside_(inside), event_(std::move(event)) {}

  Result<pid_t> start(const ExecRequest& request);
  // Joins a client to a process that was started with `attach`.
  void attach(const std::string& id, const std::shared_ptr<Connection>& client);
  Status resize(const std::string& id, int rows, int columns);
  Result<ExecStatus> inspect(const std::string& id) const;
  bool on_child(pid_t pid, int wait_status);
  // Calls back when no process is left, or after timeout_ms.
  void when_idle(int64_t timeout_ms, std::function<void()> done);

private:
  struct Exec {
    ExecRequest request;
    ExecStatus status;
    bool reaped = false;
    std::unique_ptr<Streams> streams;
  };
  Exec* find(const std::string& id);
  void conclude(Exec& exec);
  void forget_old();
  bool idle() const;

  Loop& loop_;
  Inside& inside_;
  Event event_;
  std::deque<std::unique_ptr<Exec>> execs_;
  std::function<void()> on_idle_;
  Loop::Timer idle_timer_ = 0;
};

} // namespace fairlead::shim
