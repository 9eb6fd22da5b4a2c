// The container is made by liblxc through its tools: lxc-start in the foreground is its parent and
// a child of the shim; the entry program inside finishes what OCI asks and lxc has no word for.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.hh"
#include "shim/execution/command.hh"
#include "shim/execution/execution.hh"
#include "shim/execution/lxc-config.hh"
#include "shim/execution/meeting.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_LOG = 16U << 20U;

class Lxc : public Execution {
public:
  Lxc(const Settings& settings, SharedSpec spec, const Places& places)
      : Execution(cgroup_of(*spec, settings.id)), name_(settings.id.substr(0, 12)),
        runtime_(*settings.runtime), spec_(std::move(spec)), places_(places),
        monitor_group_(Cgroup::at(group_.path() + ".monitor")),
        log_(places.bundle + "/runtime.log"), config_(places.bundle + "/lxc.conf") {}

  Async<Result<Born>> create(Waiter& waiter, const Stdio& stdio) override;
  Async<Status> start(Waiter& waiter) override;
  Async<Result<Process>> exec(Waiter& waiter, const ProcessSpec& process,
                              const Stdio& stdio) override;
  Async<Status> signal(Waiter& waiter, int number) override;
  pid_t child() const override { return monitor_; }
  int end_of(int wait_status) override;
  Async<Status> destroy(Waiter& waiter) override;
  std::optional<uint64_t> oom_kills() const override;

private:
  std::string inner() const { return group_.path() + "/lxc"; }
  Command tool(const char* name, std::vector<std::string> words, const std::string& log) const;
  Async<Status> begin(Waiter& waiter, const Stdio& stdio);
  Async<Status> end_leftovers(Waiter& waiter);

  std::string name_;
  RuntimeSettings runtime_;
  SharedSpec spec_;
  const Places& places_;
  Cgroup monitor_group_;
  std::string log_;
  std::string config_;
  pid_t monitor_ = -1; // lxc-start
  uint64_t execs_ = 0;
  Launched first_;
};

Command Lxc::tool(const char* name, std::vector<std::string> words, const std::string& log) const {
  Command command;
  command.argv = {
      runtime_.path + "/" + name, "-P", runtime_.root, "-n", name_, "-o", log, "-l", "INFO"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

// The last two errors that lxc has logged; a single one seldom says enough.
std::string reason(const std::string& log) {
  const auto text = read_file(log, MOST_LOG);
  std::vector<std::string> errors;
  for (size_t at = 0; text && at < text->size();) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    const size_t level = line.find(" ERROR ");
    const size_t message = line.find(" - ", line.find(" - ", level) + 3);
    if (level == line.npos || message == line.npos) continue;
    errors.push_back(line.substr(line.find(" - ", message + 3) == line.npos
                                     ? message + 3
                                     : line.find(" - ", message + 3) + 3));
  }
  if (errors.empty()) return "lxc ended without saying why; see " + log;
  return errors.size() == 1 ? errors[0] : errors[0] + "; " + errors[1];
}

// What a shim that was killed has left of the container.
Async<Status> Lxc::end_leftovers(Waiter& waiter) {
  std::error_code problem;
  if (!std::filesystem::exists(runtime_.root, problem)) co_return Status{};
  (void)group_.kill_all(SIGKILL);
  (void)monitor_group_.kill_all(SIGKILL);
  const Status gone = co_await fairlead::destroy(waiter, monitor_group_);
  if (!gone) co_return gone;
  co_return co_await fairlead::destroy(waiter, group_);
}

Async<Status> Lxc::begin(Waiter& waiter, const Stdio& stdio) {
  const auto config = lxc_config(*spec_, {places_.binary, group_.path(), monitor_group_.path()});
  if (!config) co_return std::unexpected(config.error());
  if (const Status kept = replace_file(config_, *config); !kept) co_return kept;
  auto meeting = Meeting::open();
  if (!meeting) co_return std::unexpected(meeting.error());
  Command command = tool(
      "lxc-start",
      {"-F", "-f", config_, "--", ENTRY_PATH, "entry", std::to_string(meeting->theirs()), "first"},
      log_);
  command.passed = {meeting->theirs()};
  const auto monitor = spawn(command);
  if (!monitor) co_return std::unexpected(monitor.error());
  monitor_ = *monitor;
  auto met = co_await meeting->attend(waiter, monitor_, *spec_, *spec_->process, stdio, true);
  if (met) first_ = std::move(*met);
  if (met) co_return Status{};
  co_await end_process(waiter, std::exchange(monitor_, -1));
  if (met.error().code != ECHILD) co_return std::unexpected(met.error());
  co_return refuse("run lxc", reason(log_));
}

Async<Result<Born>> Lxc::create(Waiter& waiter, const Stdio& stdio) {
  Status done = co_await end_leftovers(waiter);
  std::error_code problem;
  ::unlink(log_.c_str());
  std::filesystem::create_directories(runtime_.root, problem);
  if (done && problem)
    done = std::unexpected(Error{"make folder", problem.value(), runtime_.root, {}});
  if (done) done = group_.create(spec_->resources);
  if (done) done = co_await begin(waiter, stdio);
  if (done) co_return Born{first_.pid, std::move(first_.console)};
  (void)co_await destroy(waiter);
  co_return std::unexpected(done.error());
}

Async<Status> Lxc::start(Waiter& waiter) {
  const Fd channel = std::move(first_.channel);
  const Listener none;
  co_return co_await release(waiter, channel.get(), -1, none);
}

// lxc-attach brings a further entry program into the container. Once that is there, its parent is
// in the way: without it the process becomes a child of the shim, which so learns how it ends.
Async<Result<Process>> Lxc::exec(Waiter& waiter, const ProcessSpec& process, const Stdio& stdio) {
  const std::string log = places_.bundle + "/attach-" + std::to_string(++execs_) + ".log";
  ProcessSpec wanted = process;
  if (!wanted.capabilities) wanted.capabilities = spec_->process->capabilities;
  wanted.terminal = stdio.terminal;
  wanted.rows = stdio.rows;
  wanted.cols = stdio.cols;
  auto meeting = Meeting::open();
  if (!meeting) co_return std::unexpected(meeting.error());
  // The entry program gives up by itself what the process is not to have.
  Command command = tool("lxc-attach",
                         {"--clear-env", "--elevated-privileges=CAP", "--", ENTRY_PATH, "entry",
                          std::to_string(meeting->theirs()), "further"},
                         log);
  command.passed = {meeting->theirs()};
  const auto attached = spawn(command);
  if (!attached) co_return std::unexpected(attached.error());
  auto met = co_await meeting->attend(waiter, *attached, *spec_, wanted, stdio, false);
  co_await end_process(waiter, *attached);
  const std::string why = met ? "" : reason(log);
  ::unlink(log.c_str());
  if (!met && met.error().code == ECHILD) co_return refuse("run lxc", why);
  if (!met) co_return std::unexpected(met.error());
  const Listener none;
  const Status begun = co_await release(waiter, met->channel.get(), -1, none);
  if (begun) co_return Process{met->pid, std::move(met->pidfd), std::move(met->console)};
  co_await end_process(waiter, met->pid);
  co_return std::unexpected(begun.error());
}

Async<Status> Lxc::signal(Waiter&, int number) {
  const bool sent = ::syscall(SYS_pidfd_send_signal, first_.pidfd.get(), number, nullptr, 0) == 0;
  co_return sent ? Status{} : fail("pidfd_send_signal");
}

// lxc-start exits with 0 whatever the container's end was, which only its log tells.
int Lxc::end_of(int wait_status) {
  monitor_ = -1;
  if (WIFSIGNALED(wait_status)) return SIGKILL; // lxc's own death is the container's
  const auto text = read_file(log_, MOST_LOG);
  const std::string mark = "Child <" + std::to_string(first_.pid) + "> ended on ";
  const size_t at = text ? text->rfind(mark) : std::string::npos;
  if (!text || at == text->npos) return 0;
  const std::string rest = text->substr(at + mark.size(), 64);
  const size_t open = rest.substr(0, rest.find('\n')).rfind('(');
  const int number = open == rest.npos ? 0 : std::atoi(rest.c_str() + open + 1);
  return rest.starts_with("signal") ? number & 0x7f : (number & 0xff) << 8;
}

// lxc removes the inner group, and its count, as soon as the container has ended.
std::optional<uint64_t> Lxc::oom_kills() const {
  const std::string outer = group_.directory_of("memory");
  if (outer.empty()) return 0;
  if (::access((outer + "/memory.events").c_str(), F_OK) == 0) return group_.oom_kills();
  if (::access((outer + "/lxc").c_str(), F_OK) != 0) return std::nullopt;
  return group_.oom_kills() + Cgroup::at(inner()).oom_kills();
}

Async<Status> Lxc::destroy(Waiter& waiter) {
  first_ = {};
  (void)group_.kill_all(SIGKILL);
  if (monitor_ > 0) co_await end_process(waiter, std::exchange(monitor_, -1));
  Status gone = co_await fairlead::destroy(waiter, group_);
  const Status monitor = co_await fairlead::destroy(waiter, monitor_group_);
  if (gone) gone = monitor;
  std::error_code problem;
  std::filesystem::remove_all(runtime_.root, problem);
  // lxc keeps a lock file by the path of its state.
  std::filesystem::path lock = "/run/lxc/lock" + runtime_.root;
  std::filesystem::remove_all(lock, problem);
  while (lock != "/run/lxc" && ::rmdir((lock = lock.parent_path()).c_str()) == 0) {
  }
  for (const std::string& file : {log_, config_}) ::unlink(file.c_str());
  co_return gone;
}

} // namespace

std::unique_ptr<Execution> make_lxc(const Settings& settings, SharedSpec spec,
                                    const Places& places) {
  return std::make_unique<Lxc>(settings, std::move(spec), places);
}

} // namespace fairlead::shim
