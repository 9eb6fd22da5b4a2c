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
#include "shim/execution/runtime-log.hh"

namespace fairlead::shim {

namespace {

// Shorter than the agent waits for the shim's line; hooks and slow disks are part of it.
constexpr int64_t CREATE_MS = 50'000;
constexpr int64_t COMMAND_MS = 30'000;
constexpr int CONSOLE_MS = 5'000;

class Oci : public Execution {
public:
  Oci(const Settings& settings, const Spec& spec, const Places& places)
      : Execution(cgroup_of(spec, settings.id)), id_(settings.id), runtime_(*settings.runtime),
        spec_(spec), places_(places), log_(places.bundle + "/runtime.log"),
        pid_file_(places.bundle + "/runtime.pid") {}

  Result<Born> create(const Stdio& stdio) override;
  Status start() override { return tell("start", {"start", id_}, program()); }
  Result<Process> exec(const ProcessSpec& process, const Stdio& stdio) override;
  Status signal(int number) override;
  Status signal_all(int number) override;
  Status freeze() override;
  Status thaw() override;
  Status update(const Resources& resources, const std::string& json) override;
  std::optional<int> end_of(pid_t child, int wait_status) override;
  Status destroy() override;

private:
  Command command(std::vector<std::string> words) const;
  Status tell(const char* what, std::vector<std::string> words, const std::string& program = {},
              const std::string& input = {}) const;
  Result<Process> make(const char* what, std::vector<std::string> words, const Stdio& stdio,
                       const std::string& program) const;
  std::string program() const { return spec_.process->args[0]; }
  void forget() const;

  std::string id_;
  RuntimeSettings runtime_;
  const Spec& spec_;
  const Places& places_;
  std::string log_;
  std::string pid_file_;
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

Command Oci::command(std::vector<std::string> words) const {
  Command out;
  out.argv = {runtime_.path};
  out.argv.insert(out.argv.end(), runtime_.options.begin(), runtime_.options.end());
  out.argv.insert(out.argv.end(),
                  {"--root", runtime_.root, "--log", log_, "--log-format", "json"});
  out.argv.insert(out.argv.end(), words.begin(), words.end());
  out.group = runtime_.own_cgroup ? &group_ : nullptr;
  out.timeout_ms = COMMAND_MS;
  ::unlink(log_.c_str()); // the reason of a failure is then this command's
  return out;
}

Status Oci::tell(const char* what, std::vector<std::string> words, const std::string& program,
                 const std::string& input) const {
  Command asked = command(std::move(words));
  asked.input = input;
  const auto answer = run(asked);
  if (!answer) return std::unexpected(answer.error());
  if (answer->good()) return {};
  return std::unexpected(runtime_error(runtime_.name + " " + what, log_, *answer, program));
}

// Runs create or exec, which leave a process behind, and takes its pid and terminal.
Result<Process> Oci::make(const char* what, std::vector<std::string> words, const Stdio& stdio,
                          const std::string& program) const {
  std::optional<FdInbox> inbox;
  if (stdio.terminal) {
    auto opened = FdInbox::open(places_.run_dir + "/" + id_.substr(0, 12) + ".tty");
    if (!opened) return std::unexpected(opened.error());
    inbox.emplace(std::move(*opened));
    words.insert(words.begin() + 1, {"--console-socket", inbox->path()});
  }
  words.insert(words.begin() + 1, {"--pid-file", pid_file_});
  ::unlink(pid_file_.c_str());
  Command asked = command(std::move(words));
  asked.timeout_ms = CREATE_MS;
  if (!stdio.terminal) {
    asked.in = stdio.in;
    asked.out = stdio.out;
    asked.err = stdio.err;
  }
  const auto answer = run(asked);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->good()) {
    return std::unexpected(runtime_error(runtime_.name + " " + what, log_, *answer, program));
  }
  Process made;
  const auto pid = read_pid(pid_file_);
  if (!pid) return std::unexpected(pid.error());
  made.pid = *pid;
  // One that has ended already is a zombie of this process, which a pidfd can still name.
  made.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (!made.pidfd) return fail("open process", std::to_string(*pid));
  if (!inbox) return made;
  auto master = inbox->take(CONSOLE_MS);
  if (!master) return std::unexpected(master.error());
  made.console_master = std::move(*master);
  return made;
}

Result<Born> Oci::create(const Stdio& stdio) {
  std::error_code problem;
  // What a shim that was killed has left of the container.
  if (!std::filesystem::is_empty(runtime_.root, problem) && !problem) {
    (void)tell("delete", {"delete", "--force", id_});
    forget();
  }
  std::filesystem::create_directories(runtime_.root, problem);
  if (problem) {
    return std::unexpected(Error{"make folder", problem.value(), runtime_.root, {}});
  }
  if (runtime_.own_cgroup) {
    if (const Status made = group_.create(spec_.resources); !made) {
      (void)group_.destroy();
      forget();
      return std::unexpected(made.error());
    }
  }
  auto made = make("create", {"create", "--bundle", places_.bundle, id_}, stdio, program());
  if (!made) {
    (void)tell("delete", {"delete", "--force", id_});
    (void)group_.kill_all(SIGKILL);
    (void)group_.destroy();
    forget();
    return std::unexpected(made.error());
  }
  pid_ = made->pid;
  pidfd_ = std::move(made->pidfd);
  return Born{pid_, std::move(made->console_master)};
}

Result<Process> Oci::exec(const ProcessSpec& process, const Stdio& stdio) {
  const std::string file = places_.bundle + "/exec.json";
  ProcessSpec wanted = process;
  if (!wanted.capabilities) wanted.capabilities = spec_.process->capabilities;
  wanted.terminal = stdio.terminal;
  if (const Status kept = replace_file(file, process_text(wanted)); !kept) {
    return std::unexpected(kept.error());
  }
  auto made = make("exec", {"exec", "--detach", "--process", file, id_}, stdio, process.args[0]);
  ::unlink(file.c_str());
  return made;
}

Status Oci::signal(int number) {
  Status sent = tell("kill", {"kill", id_, std::to_string(number)});
  if (sent || number != SIGKILL) return sent;
  // A runtime that is gone or broken must not keep a container alive.
  (void)group_.kill_all(SIGKILL);
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0) == 0) return {};
  return sent;
}

Status Oci::signal_all(int number) {
  return tell("kill", {"kill", "--all", id_, std::to_string(number)});
}

Status Oci::freeze() {
  return runtime_.own_cgroup ? Execution::freeze() : tell("pause", {"pause", id_});
}

Status Oci::thaw() {
  return runtime_.own_cgroup ? Execution::thaw() : tell("resume", {"resume", id_});
}

Status Oci::update(const Resources& resources, const std::string& json) {
  if (runtime_.own_cgroup) return Execution::update(resources, json);
  return tell("update", {"update", "--resources", "-", id_}, {}, json);
}

std::optional<int> Oci::end_of(pid_t child, int wait_status) {
  if (child != pid_) return std::nullopt;
  return wait_status;
}

Status Oci::destroy() {
  Status gone = tell("delete", {"delete", "--force", id_});
  const Status removed = group_.destroy();
  if (gone) gone = removed;
  forget();
  pidfd_.reset();
  return gone;
}

void Oci::forget() const {
  std::error_code problem;
  std::filesystem::remove_all(runtime_.root, problem);
  for (const std::string& file : {log_, pid_file_}) ::unlink(file.c_str());
}

} // namespace

std::unique_ptr<Execution> make_oci(const Settings& settings, const Spec& spec,
                                    const Places& places) {
  return std::make_unique<Oci>(settings, spec, places);
}

} // namespace fairlead::shim
