// Starting, joining and remembering execs.
#include "shim/exec/execs.hh"

#include <sys/wait.h>

#include <algorithm>

namespace fairlead::shim {

namespace {

constexpr size_t KEPT_ENDED = 64;
constexpr size_t MOST_RUNNING = 1024;
// A child of the process may hold its streams open; Docker waits this long too.
constexpr int64_t STREAM_GRACE_MS = 2000;
// The first process of the container may stop every other one at its birth.
constexpr int64_t START_MS = 60'000;

std::unexpected<Error> no_exec(const std::string& id) {
  return std::unexpected(Error{"find exec", ENOENT, id, "no such exec"});
}

} // namespace

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int exit_code_of(const Error& error) {
  if (error.code == ENOENT || error.code == ENOTDIR) return 127;
  return error.code == EACCES || error.code == ENOEXEC || error.code == EISDIR ? 126 : 128;
}

Result<ProcessEnds> Execs::open_streams(Exec& exec) {
  const ExecRequest& request = exec.request;
  const Wanted wanted = request.attach ? request.streams : Wanted{};
  exec.streams = std::make_unique<Streams>(loop_,
                                           Streams::Policy{.tty = request.tty,
                                                           .input = wanted.in,
                                                           .close_on_end = true,
                                                           .patient = true,
                                                           .held = true},
                                           [](Channel, std::string_view) {});
  if (request.tty) return ProcessEnds{};
  return exec.streams->make_pipes(wanted.out, wanted.err);
}

Async<Result<pid_t>> Execs::start(ExecRequest request) {
  if (find(request.id) != nullptr)
    co_return std::unexpected(Error{"exec", EEXIST, request.id, "this exec has been started"});
  const auto running = std::ranges::count_if(execs_, [](const auto& e) { return !e->reaped; });
  if (static_cast<size_t>(running) >= MOST_RUNNING)
    co_return std::unexpected(Error{"exec", EBUSY, request.id, "1024 execs are running"});
  Exec& exec = *execs_.emplace_back(std::make_unique<Exec>());
  exec.request = std::move(request);
  LoopWaiter waiter(loop_, children_, START_MS);
  exec.starting = &waiter;
  Result<Process> started = std::unexpected(Error{});
  if (auto ends = open_streams(exec); !ends) {
    started = std::unexpected(ends.error());
  } else {
    ProcessSpec process = exec.request.process;
    process.terminal = exec.request.tty;
    const Stdio stdio{ends->in.get(),   ends->out.get(), ends->err.get(),
                      process.terminal, process.rows,    process.cols};
    started = co_await inside_.run(waiter, process, stdio);
  }
  exec.starting = nullptr;
  Status ready;
  if (!started) ready = std::unexpected(started.error());
  else if (exec.request.tty)
    ready = exec.streams->adopt_terminal(std::move(started->console_master));
  if (!ready) {
    std::erase_if(execs_, [&](const auto& item) { return item.get() == &exec; });
    check_idle();
    co_return std::unexpected(ready.error());
  }
  exec.status = {true, started->pid, 0};
  event_("exec_started", exec.request.id, 0);
  // Its output and its end come when the client, who is told now, has joined.
  loop_.defer([streams = exec.streams.get()] { streams->release(); });
  children_.expect(exec.status.pid, [this, &exec](int status) {
    loop_.defer([this, &exec, status] { on_end(exec, status); });
  });
  co_return started->pid;
}

void Execs::call_off() {
  for (const auto& exec : execs_)
    if (exec->starting != nullptr) exec->starting->call_off();
}

void Execs::attach(const std::string& id, const std::shared_ptr<Connection>& client) {
  Exec* exec = find(id);
  if (exec == nullptr || !exec->streams) return client->finish();
  exec->streams->attach(client, exec->request.streams);
}

Status Execs::resize(const std::string& id, int rows, int columns) {
  Exec* exec = find(id);
  if (exec == nullptr || exec->starting != nullptr) return no_exec(id);
  if (!exec->streams || exec->reaped)
    return std::unexpected(Error{"resize", ESRCH, id, "this exec has ended"});
  return exec->streams->resize(rows, columns);
}

Result<ExecStatus> Execs::inspect(const std::string& id) const {
  for (const auto& exec : execs_)
    if (exec->request.id == id && exec->starting == nullptr) return exec->status;
  return no_exec(id);
}

void Execs::on_end(Exec& exec, int wait_status) {
  exec.reaped = true;
  exec.status = {false, exec.status.pid, exit_code_of(wait_status)};
  exec.streams->conclude(STREAM_GRACE_MS, [this, &exec] { conclude(exec); });
}

void Execs::when_idle(int64_t timeout_ms, std::function<void()> done) {
  if (idle()) return done();
  on_idle_ = std::move(done);
  idle_timer_ = loop_.after(timeout_ms, [this] {
    idle_timer_ = 0;
    if (const auto call = std::exchange(on_idle_, nullptr)) call();
  });
}

Execs::Exec* Execs::find(const std::string& id) {
  const auto found =
      std::ranges::find_if(execs_, [&](const auto& exec) { return exec->request.id == id; });
  return found == execs_.end() ? nullptr : found->get();
}

void Execs::conclude(Exec& exec) {
  event_("exec_exited", exec.request.id, exec.status.exit_code);
  exec.streams.reset(); // closes the clients after everything has been sent
  exec.request.process = {};
  forget_old();
  check_idle();
}

void Execs::check_idle() {
  if (!on_idle_ || !idle()) return;
  loop_.cancel(idle_timer_);
  std::exchange(on_idle_, nullptr)();
}

void Execs::forget_old() {
  auto ended = std::ranges::count_if(execs_, [](const auto& exec) { return !exec->streams; });
  for (auto it = execs_.begin(); it != execs_.end() && ended > static_cast<long>(KEPT_ENDED);) {
    if ((*it)->streams) {
      ++it;
    } else {
      it = execs_.erase(it);
      --ended;
    }
  }
}

bool Execs::idle() const {
  return std::ranges::all_of(execs_, [](const auto& exec) { return !exec->streams; });
}

} // namespace fairlead::shim
