// Further processes in the container: started on request, their streams, and how they ended.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "shim/exec/inside.hh"
#include "shim/loop/children.hh"
#include "shim/loop/loop-waiter.hh"
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

  Execs(Loop& loop, Children& children, Inside& inside, Event event)
      : loop_(loop), children_(children), inside_(inside), event_(std::move(event)) {}

  Async<Result<pid_t>> start(ExecRequest request);
  // Gives up those that are being started.
  void call_off();
  // Joins a client to a process that was started with `attach`.
  void attach(const std::string& id, const std::shared_ptr<Connection>& client);
  Status resize(const std::string& id, int rows, int columns);
  Result<ExecStatus> inspect(const std::string& id) const;
  // Calls back when no process is left, or after timeout_ms.
  void when_idle(int64_t timeout_ms, std::function<void()> done);

private:
  struct Exec {
    ExecRequest request;
    ExecStatus status;
    LoopWaiter* starting = nullptr;
    bool reaped = false;
    std::unique_ptr<Streams> streams;
  };
  Result<ProcessEnds> open_streams(Exec& exec);
  void on_end(Exec& exec, int wait_status);
  Exec* find(const std::string& id);
  void conclude(Exec& exec);
  void check_idle();
  void forget_old();
  bool idle() const;

  Loop& loop_;
  Children& children_;
  Inside& inside_;
  Event event_;
  std::deque<std::unique_ptr<Exec>> execs_;
  std::function<void()> on_idle_;
  Loop::Timer idle_timer_ = 0;
};

} // namespace fairlead::shim
