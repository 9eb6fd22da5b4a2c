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

Result<pid_t> Execs::start(const ExecRequest& request) {
  if (find(request.id) != nullptr) {
    return std::unexpected(Error{"exec", EEXIST, request.id, "this exec has been started"});
  }
  const auto running = std::ranges::count_if(execs_, [](const auto& e) { return !e->reaped; });
  if (static_cast<size_t>(running) >= MOST_RUNNING) {
    return std::unexpected(Error{"exec", EBUSY, request.id, "1024 execs are running"});
  }
  auto exec = std::make_unique<Exec>();
  exec->request = request;
  const Wanted wanted = request.attach ? request.streams : Wanted{};
  exec->streams = std::make_unique<Streams>(
      loop_,
      Streams::Policy{
          .tty = request.tty, .input = wanted.in, .close_on_end = true, .patient = true},
      [](Channel, std::string_view) {});
  ProcessEnds ends;
  if (!request.tty) {
    auto made = exec->streams->make_pipes(wanted.out, wanted.err);
    if (!made) return std::unexpected(made.error());
    ends = std::move(*made);
  }
  ProcessSpec process = request.process;
  process.terminal = request.tty;
  const Stdio stdio{ends.in.get(), ends.out.get(), ends.err.get(), request.tty,
                    process.rows, process.cols};
  auto started = inside_.run(process, stdio);
  if (!started) return std::unexpected(started.error());
  exec->status = {true, started->pid, 0};
  if (request.tty) {
    if (const Status adopted = exec->streams->adopt_terminal(std::move(started->console_master));
        !adopted) {
      return std::unexpected(adopted.error());
    }
  }
  execs_.push_back(std::move(exec));
  event_("exec_started", request.id, 0);
  return started->pid;
}

void Execs::attach(const std::string& id, const std::shared_ptr<Connection>& client) {
  Exec* exec = find(id);
  if (exec == nullptr || !exec->streams) return client->finish();
  exec->streams->attach(client, exec->request.streams);
}

Status Execs::resize(const std::string& id, int rows, int columns) {
  Exec* exec = find(id);
  if (exec == nullptr) return no_exec(id);
  if (!exec->streams || exec->reaped) {
    return std::unexpected(Error{"resize", ESRCH, id, "this exec has ended"});
  }
  return exec->streams->resize(rows, columns);
}

Result<ExecStatus> Execs::inspect(const std::string& id) const {
  for (const auto& exec : execs_) {
    if (exec->request.id == id) return exec->status;
  }
  return no_exec(id);
}

bool Execs::on_child(pid_t pid, int wait_status) {
  const auto found = std::ranges::find_if(
      execs_, [pid](const auto& exec) { return !exec->reaped && exec->status.pid == pid; });
  if (found == execs_.end()) return false;
  Exec& exec = **found;
  exec.reaped = true;
  exec.status = {false, pid, exit_code_of(wait_status)};
  exec.streams->conclude(STREAM_GRACE_MS, [this, exec = found->get()] { conclude(*exec); });
  return true;
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
