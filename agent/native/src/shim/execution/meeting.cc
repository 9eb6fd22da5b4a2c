// The shim's side of a meeting with an entry program.
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "base/json-text.hh"
#include "base/unix-socket.hh"
#include "runtime/process-text.hh"
#include "shim/execution/meeting.hh"

namespace fairlead::shim {

namespace {

template <typename T, typename F> std::string list(const std::vector<T>& items, F text) {
  std::string out = "[";
  for (const T& item : items) out += (out.size() > 1 ? "," : "") + text(item);
  return out + "]";
}

std::string device_text(const Device& device) {
  return "{\"path\":" + quoted(device.path) + ",\"type\":" + quoted({device.type}) +
         ",\"major\":" + std::to_string(device.major) +
         ",\"minor\":" + std::to_string(device.minor) +
         ",\"fileMode\":" + std::to_string(device.mode & 07777) +
         ",\"uid\":" + std::to_string(device.uid) + ",\"gid\":" + std::to_string(device.gid) + "}";
}

// Mounts that are read-only all the way down, which liblxc has no word for, count as such paths.
std::vector<std::string> readonly_paths(const Spec& container) {
  std::vector<std::string> paths = container.readonly_paths;
  for (const Mount& mount : container.mounts) {
    const bool groups = mount.type == "cgroup" && (mount.flags & MS_RDONLY) != 0;
    if (groups || (mount.recursive_set & MOUNT_ATTR_RDONLY) != 0)
      paths.push_back(mount.destination);
  }
  return paths;
}

// What the entry program reads: a configuration of what is left to do.
std::string instructions(const Spec& container, const ProcessSpec& process, bool furnish) {
  std::string out = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"/\",\"readonly\":";
  out += furnish && container.root_readonly ? "true" : "false";
  out += "},\"process\":" + process_text(process);
  if (furnish && !container.domainname.empty())
    out += ",\"domainname\":" + quoted(container.domainname);
  out += ",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]";
  if (container.seccomp) out += ",\"seccomp\":" + container.seccomp->source;
  if (furnish) {
    out += ",\"devices\":" + list(container.devices, device_text);
    out += ",\"maskedPaths\":" + list(container.masked_paths, quoted);
    out += ",\"readonlyPaths\":" + list(readonly_paths(container), quoted);
  }
  return out + "}}";
}

Result<Fd> memory_file(const std::string& text) {
  Fd file(::memfd_create("entry", MFD_CLOEXEC));
  if (!file) return fail("memfd_create");
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail("write memory file");
  return file;
}

// A closed end has no message either: who closed it is about to end.
bool has_message(int fd) {
  char byte;
  return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

// The channel that the entry program made, and who it is by the kernel's word.
Result<Launched> greeting(int fd) {
  char byte;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  if (::recvmsg(fd, &header, MSG_CMSG_CLOEXEC) != 1) return fail("meet the container's process");
  Launched met;
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level != SOL_SOCKET) continue;
    if (at->cmsg_type == SCM_RIGHTS) {
      int got = -1;
      std::memcpy(&got, CMSG_DATA(at), sizeof got);
      met.channel.reset(got);
    } else if (at->cmsg_type == SCM_CREDENTIALS) {
      ucred who{};
      std::memcpy(&who, CMSG_DATA(at), sizeof who);
      met.pid = who.pid;
    }
  }
  if (!met.channel || met.pid <= 1) return refuse("meet the container's process", "it is another");
  met.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, met.pid, 0)));
  if (!met.pidfd) return fail("open pidfd", std::to_string(met.pid));
  return met;
}

Status hand_over(int channel, const int (&fds)[4]) {
  const bool sent = send_with_fds(channel, std::string_view("", 1), fds) == 1;
  return sent ? Status{} : fail("instruct process");
}

} // namespace

Result<Meeting> Meeting::open() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail("socketpair");
  Fd ours(ends[0]), theirs(ends[1]);
  const int on = 1;
  if (::setsockopt(ours.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
    return fail("setsockopt SO_PASSCRED");
  return Meeting(std::move(ours), std::move(theirs));
}

Async<Status> Meeting::arrival(Waiter& waiter, pid_t sender) {
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, sender, 0)));
  const int come = co_await waiter.readable(ours_.get(), handle.get());
  if (has_message(ours_.get())) co_return Status{};
  if (come >= 0) co_await waiter.readable(handle.get());
  const int code = waiter.over() ? ETIMEDOUT : ECHILD;
  co_return std::unexpected(Error{"meet the container's process", code, {}, {}});
}

Async<Result<Launched>> Meeting::attend(Waiter& waiter, pid_t sender, const Spec& container,
                                        const ProcessSpec& process, const Stdio& stdio,
                                        bool furnish) {
  theirs_.reset();
  const auto text = memory_file(instructions(container, process, furnish));
  if (!text) co_return std::unexpected(text.error());
  if (const Status came = co_await arrival(waiter, sender); !came)
    co_return std::unexpected(came.error());
  auto met = greeting(ours_.get());
  if (!met) co_return std::unexpected(met.error());
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) co_return fail("open", "/dev/null");
  const auto given = [&](int fd) { return stdio.terminal || fd < 0 ? null.get() : fd; };
  const int fds[] = {text->get(), given(stdio.in), given(stdio.out), given(stdio.err)};
  Status done = hand_over(met->channel.get(), fds);
  Duties duties;
  duties.on_ready = [&](pid_t pid) { return adjust_oom_score(pid, process); };
  if (done) done = co_await fairlead::attend(waiter, *met, duties);
  if (done) co_return std::move(*met);
  ::syscall(SYS_pidfd_send_signal, met->pidfd.get(), SIGKILL, nullptr, 0);
  co_return std::unexpected(done.error());
}

} // namespace fairlead::shim
