// The shim subcommand: leaves its launcher, builds the container, says so in one line, and stays
// until the container has ended for good.
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "commands.hh"
#include "runtime/seal.hh"
#include "shim/control/control.hh"
#include "shim/supervisor/footprint.hh"
#include "shim/supervisor/home-group.hh"
#include "shim/supervisor/supervisor.hh"

namespace fairlead {

namespace {

using namespace shim;

// A client that still reads its last output gets it; one that does not is dropped long before.
constexpr int64_t FAREWELL_MS = 600'000;

struct Arguments {
  std::string bundle;
  std::string socket;
  std::string state_dir;
};

Result<std::string> absolute(const char* path) {
  char resolved[PATH_MAX];
  if (::realpath(path, resolved) == nullptr) return fail("resolve path", path);
  return std::string(resolved);
}

Result<Arguments> read_arguments(int argc, char** argv) {
  static const option options[] = {{"bundle", required_argument, nullptr, 'b'},
                                   {"socket", required_argument, nullptr, 's'},
                                   {"state-dir", required_argument, nullptr, 'd'},
                                   {nullptr, 0, nullptr, 0}};
  Arguments arguments;
  for (int option; (option = ::getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    if (option == 's') {
      arguments.socket = optarg;
      continue;
    }
    if (option != 'b' && option != 'd') return refuse("read arguments", "unknown option");
    auto path = absolute(optarg);
    if (!path) return std::unexpected(path.error());
    (option == 'b' ? arguments.bundle : arguments.state_dir) = std::move(*path);
  }
  if (arguments.bundle.empty() || arguments.socket.empty() || optind != argc) {
    return refuse("read arguments",
                  "usage: fairlead-runtime shim --bundle DIR --socket PATH [--state-dir DIR]");
  }
  if (!arguments.socket.starts_with('/'))
    return refuse("read arguments", "the socket's path must be absolute", arguments.socket);
  if (arguments.state_dir.empty()) arguments.state_dir = arguments.bundle;
  return arguments;
}

void print_line(int fd, const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    rest.remove_prefix(static_cast<size_t>(count));
  }
}

int print_failure(int fd, const Error& error) {
  print_line(fd, "{\"ok\":false,\"error\":" + to_json(error) + "}\n");
  return 1;
}

// Leaves the launcher's session and descriptors; returns where the one line goes.
Result<Fd> leave_launcher() {
  Fd line(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!line) return fail("duplicate stdout");
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail("open", "/dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), fd);
  ::umask(022);
  if (::setsid() < 0) return fail("setsid");
  if (::chdir("/") != 0) return fail("chdir", "/");
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail("prctl PR_SET_CHILD_SUBREAPER");
  // A handler, unlike SIG_IGN, is not inherited over exec: containers get the default.
  ::signal(SIGPIPE, [](int) {});
  return line;
}

Result<Fd> open_signals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&wanted, signal);
  if (::sigprocmask(SIG_BLOCK, &wanted, nullptr) != 0) return fail("sigprocmask");
  Fd signals(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return fail("signalfd");
  return signals;
}

void on_signals(int fd, Supervisor& supervisor) {
  signalfd_siginfo info[16];
  const ssize_t got = ::read(fd, info, sizeof info);
  for (size_t i = 0; got > 0 && i < static_cast<size_t>(got) / sizeof info[0]; ++i)
    if (info[i].ssi_signo == SIGTERM) supervisor.terminate();
  supervisor.children().reap();
}

// Returns after the final exit; a failure before that has left nothing behind and no line.
Status supervise(const Arguments& arguments, const std::string& binary, Fd& line, Fd lock) {
  auto loop = Loop::create();
  if (!loop) return std::unexpected(loop.error());
  auto signals = open_signals();
  if (!signals) return std::unexpected(signals.error());
  const int signal_fd = signals->get();
  const std::string run_dir = arguments.socket.substr(0, arguments.socket.find_last_of('/'));
  Supervisor supervisor(**loop, {arguments.bundle, arguments.state_dir, run_dir, binary});
  Control control(**loop, supervisor);
  const auto farewell = [&] {
    lock.reset(); // the next shim need not wait for a slow reader of this one's output
    control.close(FAREWELL_MS, [&] { (*loop)->stop(); });
  };
  supervisor.listen([&](const Event& event) { control.broadcast(event); },
                    [&] { (*loop)->defer(farewell); });
  Status ready = control.listen(arguments.socket);
  if (ready)
    ready = (*loop)->add(signal_fd, EPOLLIN, [&](uint32_t) { on_signals(signal_fd, supervisor); });
  if (!ready) return ready;
  begin(supervisor.prepare(), [&](const Status& prepared) {
    ready = prepared;
    if (!ready) return (*loop)->defer([&] { (*loop)->stop(); });
    const State& state = supervisor.state();
    print_line(line.get(), "{\"ok\":true,\"pid\":" + std::to_string(state.pid) +
                               ",\"shimPid\":" + std::to_string(state.shim_pid) + "}\n");
    line.reset();
    (*loop)->afterwards(trim_footprint);
  });
  (*loop)->run();
  return ready;
}

// One shim per bundle: the lock goes with the process, however it ends.
Result<Fd> lock_bundle(const std::string& bundle) {
  Fd folder(::open(bundle.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail("open bundle", bundle);
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) return folder;
  if (errno != EWOULDBLOCK) return fail("lock bundle", bundle);
  return std::unexpected(Error{"lock bundle", EBUSY, bundle, "another shim supervises it"});
}

// Where this program is on disk; after the sealing, the process runs from a copy.
Result<std::string> find_binary() {
  constexpr const char* VARIABLE = "FAIRLEAD_BINARY";
  if (const char* known = ::getenv(VARIABLE)) {
    std::string path = known;
    ::unsetenv(VARIABLE);
    return path;
  }
  auto path = absolute("/proc/self/exe");
  if (path) ::setenv(VARIABLE, path->c_str(), 1);
  return path;
}

} // namespace

int shim_main(int argc, char** argv) {
  auto binary = find_binary();
  if (!binary) return print_failure(STDOUT_FILENO, binary.error());
  // The whole command line runs again; main passes it from its second word on.
  if (const Status sealed = seal_binary(argv - 1); !sealed)
    return print_failure(STDOUT_FILENO, sealed.error());
  ::unsetenv("FAIRLEAD_BINARY");
  const auto arguments = read_arguments(argc, argv);
  if (!arguments) return print_failure(STDOUT_FILENO, arguments.error());
  auto lock = lock_bundle(arguments->bundle);
  if (!lock) return print_failure(STDOUT_FILENO, lock.error());
  auto group = HomeGroup::open(arguments->bundle + "/config.json");
  if (!group) return print_failure(STDOUT_FILENO, group.error());
  const auto child = group->fork();
  if (!child) return print_failure(STDOUT_FILENO, child.error());
  if (*child > 0) ::_exit(0); // the launcher is not to be the shim's parent
  auto line = leave_launcher();
  if (!line) return print_failure(STDOUT_FILENO, line.error());
  if (const Status entered = group->enter(); !entered)
    return print_failure(line->get(), entered.error());
  const Status done = supervise(*arguments, *binary, *line, std::move(*lock));
  group->leave();
  return done ? 0 : print_failure(line->get(), done.error());
}

} // namespace fairlead
