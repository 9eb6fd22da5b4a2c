// The entry face: runs inside a container that liblxc has made, as its first process or a further
// one. It tells the shim who it is, gets its instructions and streams, becomes what the OCI
// configuration says, waits for start and executes the program.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/file.hh"
#include "base/unix-socket.hh"
#include "commands.hh"
#include "runtime/identity-plan.hh"
#include "runtime/inside/devices.hh"
#include "runtime/inside/masks.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/run.hh"
#include "runtime/root-plan.hh"

namespace fairlead {

namespace {

constexpr int GIVEN = 4; // the instructions, stdin, stdout, stderr

// A channel of its own: the program that started this one still holds the meeting's end.
int greet(int meeting) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -1;
  const Fd theirs(ends[1]), met(meeting);
  const ssize_t sent = send_with_fd(meeting, std::string_view("", 1), theirs.get());
  return sent == 1 ? ends[0] : -1;
}

bool receive(int channel, int (&fds)[GIVEN]) {
  char byte;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  if (recvmsg(channel, &header, MSG_CMSG_CLOEXEC) != 1) return false;
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_len != CMSG_LEN(sizeof fds)) return false;
  memcpy(fds, CMSG_DATA(rights), sizeof fds);
  return true;
}

[[noreturn]] void give_up(int channel, const Error& error) {
  errno = error.code;
  inside::broke(error.step.c_str(), (error.detail.empty() ? error.path : error.detail).c_str());
  inside::die(channel);
}

Result<Spec> read_instructions(int fd) {
  const auto text = read_file("/proc/self/fd/" + std::to_string(fd));
  if (!text) return std::unexpected(text.error());
  return parse_spec_text(*text);
}

// What liblxc leaves undone of the root: devices, hidden paths, and that it is read-only. It makes
// the mounts slaves of the host's, so that binds would go on showing what is mounted there.
bool furnish(const Spec& spec, inside::Plan& plan) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
    return inside::broke("make mounts private");
  const Fd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return inside::broke("open root", "/");
  umask(0);
  if (!inside::make_devices(root.get(), plan) || !inside::hide_paths(root.get(), plan))
    return false;
  if (chdir("/") < 0) return inside::broke("chdir", "/");
  const unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
  if (!spec.root_readonly || mount(nullptr, "/", nullptr, flags, nullptr) == 0) return true;
  return inside::broke("make root read-only");
}

} // namespace

int entry_main(int argc, char** argv) {
  // entry MEETING first|further
  const int channel = argc == 3 ? greet(atoi(argv[1])) : -1;
  int fds[GIVEN];
  if (channel < 0 || !receive(channel, fds)) return 1;
  inside::begin_report();
  if (chdir("/") < 0) give_up(channel, fail("chdir", "/").error());
  const auto spec = read_instructions(fds[0]);
  if (!spec) give_up(channel, spec.error());
  Prepared prepared;
  inside::Plan& plan = prepared.plan;
  plan.channel = channel;
  plan.wait_for_start = true;
  if (!spec->domainname.empty()) plan.domainname = prepared.text(spec->domainname);
  const ProcessSpec& process = *spec->process;
  const Stdio stdio{fds[1], fds[2], fds[3], process.terminal, process.rows, process.cols};
  Status done = plan_stdio(stdio, process.terminal, prepared);
  if (done) done = plan_identity(process, *spec, "", false, prepared);
  const bool first = strcmp(argv[2], "first") == 0;
  if (done && first) done = plan_devices(*spec, prepared);
  plan.dev_links = false; // liblxc has made them
  if (!done) give_up(channel, done.error());
  plan_hidden_paths(*spec, prepared);
  prepared.seal();
  if (first && !furnish(*spec, plan)) inside::die(channel);
  inside::run(plan);
}

} // namespace fairlead
