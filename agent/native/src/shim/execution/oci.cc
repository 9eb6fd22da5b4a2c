// The container is made by the command line of an OCI runtime, as conmon and containerd's shim call
// it: runc, crun, youki, gVisor's runsc, and fairlead-runtime itself.
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.hh"
#include "runtime/process-text.hh"
#include "shim/execution/command.hh"
#include "shim/execution/execution.hh"
#include "shim/execution/null-device.hh"
#include "shim/execution/runtime-log.hh"

namespace fairlead::shim {

namespace {

// Shorter than the agent waits for the shim's line; hooks and slow disks are part of it.
constexpr int64_t CREATE_MS = 50'000;
constexpr int64_t COMMAND_MS = 30'000;
constexpr int64_t CONSOLE_MS = 5'000;

// The files of one command, which others may run beside: of the same name, a number apart.
struct Paper {
  std::string log, pid, process;

  explicit Paper(const std::string& base)
      : log(base + ".log"), pid(base + ".pid"), process(base + ".json") {}
  ~Paper() {
    for (const std::string& file : {log, pid, process}) ::unlink(file.c_str());
  }
  Paper(const Paper&) = delete;
  Paper& operator=(const Paper&) = delete;
};

class Oci : public Execution {
public:
  Oci(const Settings& settings, SharedSpec spec, const Places& places)
      : Execution(cgroup_of(*spec, settings.id)), id_(settings.id), runtime_(*settings.runtime),
        spec_(std::move(spec)), places_(places) {}

  Async<Result<Born>> create(Waiter& waiter, const Stdio& stdio) override;
  Async<Status> start(Waiter& waiter) override;
  Async<Result<Process>> exec(Waiter& waiter, const ProcessSpec& process,
                              const Stdio& stdio) override;
  Async<Status> signal(Waiter& waiter, int number) override;
  Async<Status> signal_all(Waiter& waiter, int number) override;
  Async<Status> freeze(Waiter& waiter) override;
  Async<Status> thaw(Waiter& waiter) override;
  Async<Status> update(Waiter& waiter, const Resources& resources,
                       const std::string& json) override;
  pid_t child() const override { return pid_; }
  Async<Status> destroy(Waiter& waiter) override;

private:
  using Words = std::vector<std::string>;
  std::string next_name() { return places_.bundle + "/runtime-" + std::to_string(++commands_); }
  Command command(const Words& words, const std::string& log) const;
  Async<Status> tell(Waiter& waiter, const char* what, Words words, std::string program = {},
                     std::string input = {});
  Async<Result<Process>> make(Waiter& waiter, const char* what, Words words, const Stdio& stdio,
                              std::string program, const Paper& paper);
  Async<Status> make_place(Waiter& waiter);
  Async<Status> tell_delete(Waiter& waiter);
  void forget() const;

  std::string id_;
  RuntimeSettings runtime_;
  SharedSpec spec_;
  const Places& places_;
  uint64_t commands_ = 0;
  pid_t pid_ = -1;
  Fd pidfd_;
};

Result<pid_t> read_pid(const std::string& path) {
  const auto text = read_file(path, 32);
  if (!text) return std::unexpected(text.error());
  const long pid = std::strtol(text->c_str(), nullptr, 10);
  if (pid > 1 && pid <= 4'194'304) return static_cast<pid_t>(pid);
  return refuse("read pid file", "it holds no process id", path);
}

Command Oci::command(const Words& words, const std::string& log) const {
  Command out;
  out.argv = {runtime_.path};
  out.argv.insert(out.argv.end(), runtime_.options.begin(), runtime_.options.end());
  out.argv.insert(out.argv.end(), {"--root", runtime_.root, "--log", log, "--log-format", "json"});
  out.argv.insert(out.argv.end(), words.begin(), words.end());
  out.group = runtime_.own_cgroup ? &group_ : nullptr;
  out.timeout_ms = COMMAND_MS;
  return out;
}

Async<Status> Oci::tell(Waiter& waiter, const char* what, Words words, std::string program,
                        std::string input) {
  const Paper paper(next_name());
  Command asked = command(words, paper.log);
  asked.input = std::move(input);
  const auto answer = co_await run(waiter, asked);
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->good()) co_return Status{};
  co_return std::unexpected(runtime_error(runtime_.name + " " + what, paper.log, *answer, program));
}

// Runs create or exec, which leave a process behind, and takes its pid and terminal.
Async<Result<Process>> Oci::make(Waiter& waiter, const char* what, Words words, const Stdio& stdio,
                                 std::string program, const Paper& paper) {
  std::optional<FdInbox> inbox;
  if (stdio.terminal) {
    const std::string name = id_.substr(0, 12) + "-" + std::to_string(commands_) + ".tty";
    auto opened = FdInbox::open(places_.run_dir + "/" + name);
    if (!opened) co_return std::unexpected(opened.error());
    inbox.emplace(std::move(*opened));
    words.insert(words.begin() + 1, {"--console-socket", inbox->path()});
  }
  words.insert(words.begin() + 1, {"--pid-file", paper.pid});
  Command asked = command(words, paper.log);
  asked.timeout_ms = CREATE_MS;
  Fd null;
  if (!stdio.terminal) {
    auto opened = own_null_device();
    if (!opened) co_return std::unexpected(opened.error());
    null = std::move(*opened);
    const auto given = [&](int fd) { return fd >= 0 ? fd : null.get(); };
    asked.in = given(stdio.in);
    asked.out = given(stdio.out);
    asked.err = given(stdio.err);
  }
  const auto answer = co_await run(waiter, asked);
  if (!answer) co_return std::unexpected(answer.error());
  if (!answer->good()) {
    co_return std::unexpected(
        runtime_error(runtime_.name + " " + what, paper.log, *answer, program));
  }
  Process made;
  const auto pid = read_pid(paper.pid);
  if (!pid) co_return std::unexpected(pid.error());
  made.pid = *pid;
  // One that has ended already may have been reaped by now.
  made.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (!inbox) co_return made;
  auto master = co_await inbox->take(waiter, CONSOLE_MS);
  if (!master) co_return std::unexpected(master.error());
  made.console_master = std::move(*master);
  co_return made;
}

Async<Status> Oci::make_place(Waiter& waiter) {
  std::error_code problem;
  // What a shim that was killed has left of the container.
  if (!std::filesystem::is_empty(runtime_.root, problem) && !problem) {
    (void)co_await tell_delete(waiter);
    forget();
  }
  std::filesystem::create_directories(runtime_.root, problem);
  if (problem) co_return std::unexpected(Error{"make folder", problem.value(), runtime_.root, {}});
  co_return runtime_.own_cgroup ? group_.create(spec_->resources) : Status{};
}

Async<Status> Oci::tell_delete(Waiter& waiter) {
  return tell(waiter, "delete", {"delete", "--force", id_});
}

Async<Result<Born>> Oci::create(Waiter& waiter, const Stdio& stdio) {
  if (const Status placed = co_await make_place(waiter); !placed) {
    (void)co_await fairlead::destroy(waiter, group_);
    forget();
    co_return std::unexpected(placed.error());
  }
  const Paper paper(next_name());
  Words words = {"create", "--bundle", places_.bundle, id_};
  auto made = co_await make(waiter, "create", words, stdio, spec_->process->args[0], paper);
  if (!made) {
    (void)co_await destroy(waiter);
    co_return std::unexpected(made.error());
  }
  pid_ = made->pid;
  pidfd_ = std::move(made->pidfd);
  co_return Born{pid_, std::move(made->console_master)};
}

Async<Status> Oci::start(Waiter& waiter) {
  return tell(waiter, "start", {"start", id_}, spec_->process->args[0]);
}

Async<Result<Process>> Oci::exec(Waiter& waiter, const ProcessSpec& process, const Stdio& stdio) {
  const Paper paper(next_name());
  ProcessSpec wanted = process;
  if (!wanted.capabilities) wanted.capabilities = spec_->process->capabilities;
  wanted.terminal = stdio.terminal;
  if (const Status kept = replace_file(paper.process, process_text(wanted)); !kept)
    co_return std::unexpected(kept.error());
  Words words = {"exec", "--detach", "--process", paper.process, id_};
  co_return co_await make(waiter, "exec", words, stdio, process.args[0], paper);
}

Async<Status> Oci::signal(Waiter& waiter, int number) {
  const Words words = {"kill", id_, std::to_string(number)};
  const Status sent = co_await tell(waiter, "kill", words);
  if (sent || number != SIGKILL) co_return sent;
  // A runtime that is gone or broken must not keep a container alive.
  (void)group_.kill_all(SIGKILL);
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0) == 0) co_return Status{};
  co_return sent;
}

Async<Status> Oci::signal_all(Waiter& waiter, int number) {
  return tell(waiter, "kill", {"kill", "--all", id_, std::to_string(number)});
}

Async<Status> Oci::freeze(Waiter& waiter) {
  return runtime_.own_cgroup ? Execution::freeze(waiter) : tell(waiter, "pause", {"pause", id_});
}

Async<Status> Oci::thaw(Waiter& waiter) {
  return runtime_.own_cgroup ? Execution::thaw(waiter) : tell(waiter, "resume", {"resume", id_});
}

Async<Status> Oci::update(Waiter& waiter, const Resources& resources, const std::string& json) {
  if (runtime_.own_cgroup) return Execution::update(waiter, resources, json);
  return tell(waiter, "update", {"update", "--resources", "-", id_}, {}, json);
}

Async<Status> Oci::destroy(Waiter& waiter) {
  Status gone = co_await tell_delete(waiter);
  (void)group_.kill_all(SIGKILL);
  const Status removed = co_await fairlead::destroy(waiter, group_);
  if (gone) gone = removed;
  forget();
  pidfd_.reset();
  co_return gone;
}

void Oci::forget() const {
  std::error_code problem;
  std::filesystem::remove_all(runtime_.root, problem);
}

} // namespace

std::unique_ptr<Execution> make_oci(const Settings& settings, SharedSpec spec,
                                    const Places& places) {
  return std::make_unique<Oci>(settings, std::move(spec), places);
}

} // namespace fairlead::shim
