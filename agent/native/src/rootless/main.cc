// fairlead-runtime rootless: runs a program in an ordinary user's namespaces.
//   hold  --run DIR                 makes them and stays, for a service manager
//   enter --run DIR -- PROGRAM…     makes them when they are missing, and runs a program in them
//   end   --run DIR                 ends everything that lives in them
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "commands.hh"
#include "rootless/space.hh"
#include "runtime/inside/descriptors.hh"

namespace fairlead {

namespace {

using namespace rootless;

constexpr int READY_TRIES = 250; // of 20 ms

constexpr const char* USAGE =
    "usage: fairlead-runtime rootless hold|end --run DIR\n"
    "       fairlead-runtime rootless enter --run DIR -- PROGRAM [ARGUMENT…]\n";

int complain(const Error& error) {
  std::fprintf(stderr, "fairlead: %s\n", describe(error).c_str());
  return 1;
}

// sd_notify(3): a datagram to the socket that the service manager named.
void tell_service_manager() {
  const char* path = ::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, std::strlen(path));
  if (path[0] == '@') address.sun_path[0] = '\0';
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  constexpr char READY[] = "READY=1";
  if (socket)
    ::sendto(socket.get(), READY, sizeof READY - 1, MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), size);
}

[[noreturn]] void stay() {
  for (;;) ::pause();
}

int hold(const std::string& run) {
  const auto lock = open_lock(run);
  if (!lock) return complain(lock.error());
  if (const Status made = make_space(*lock); !made) return complain(made.error());
  tell_service_manager();
  stay();
}

void leave_caller() {
  ::setsid();
  if (::chdir("/") != 0) return;
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (null) ::dup2(null.get(), fd);
}

// A record lock is the process's own, and goes with the first descriptor of the file that it closes
// (fcntl(2)): so the child keeps the one that it inherited.
[[noreturn]] void become_holder(const Fd& lock, Fd done) {
  if (const Status made = make_space(lock); !made) {
    if (made.error().code == EBUSY) ::_exit(0); // another was faster
    ::_exit(complain(made.error()));
  }
  leave_caller();
  // Nothing of the caller may stay open for as long as the namespaces live.
  const auto [low, high] =
      std::minmax({static_cast<unsigned>(lock.get()), static_cast<unsigned>(done.get())});
  inside::close_between(3, low - 1);
  inside::close_between(low + 1, high - 1);
  inside::close_between(high + 1, ~0U);
  if (::write(done.get(), "y", 1) != 1) ::_exit(1);
  done.reset();
  stay();
}

// Waits until the holder is ready, or has said on stderr why it cannot be.
bool start_holder(const Fd& lock) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const Fd ready(ends[0]);
  Fd done(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    if (::fork() != 0) ::_exit(0); // the caller is not to be its parent
    become_holder(lock, std::move(done));
  }
  done.reset();
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  char byte;
  ssize_t got;
  do got = ::read(ready.get(), &byte, 1);
  while (got < 0 && errno == EINTR);
  return got >= 0;
}

Status enter(const std::string& run, char** argv) {
  const auto lock = open_lock(run);
  if (!lock) return std::unexpected(lock.error());
  auto holder = holder_of(*lock);
  for (int tries = 0; holder && *holder == 0 && tries < 3; ++tries) {
    if (!start_holder(*lock)) return fail("start holder");
    holder = holder_of(*lock);
  }
  if (!holder) return std::unexpected(holder.error());
  if (*holder == 0) return refuse("enter namespaces", "they could not be made", run);
  for (int tries = 0; !is_ready(*lock) && tries < READY_TRIES; ++tries) ::usleep(20'000);
  if (Status joined = join_space(*holder); !joined) return joined;
  ::setenv("FAIRLEAD_ROOTLESS", "1", 1);
  ::execvp(argv[0], argv);
  return fail("run", argv[0]);
}

int end(const std::string& run) {
  const auto lock = open_lock(run);
  if (!lock) return complain(lock.error());
  const auto holder = holder_of(*lock);
  if (!holder) return complain(holder.error());
  if (*holder == 0) return 0;
  const Status ended = end_space(*holder);
  return ended ? 0 : complain(ended.error());
}

} // namespace

int rootless_main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  const bool placed = argc > 3 && std::strcmp(argv[2], "--run") == 0 && argv[3][0] == '/';
  if (placed && argc == 4 && verb == "hold") return hold(argv[3]);
  if (placed && argc == 4 && verb == "end") return end(argv[3]);
  if (placed && argc > 5 && verb == "enter" && std::strcmp(argv[4], "--") == 0)
    return complain(enter(argv[3], argv + 5).error());
  std::fputs(USAGE, stderr);
  return 2;
}

} // namespace fairlead
