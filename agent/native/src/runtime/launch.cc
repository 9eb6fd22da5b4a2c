// Launching of processes, see launch.hh.
#include "runtime/launch.hh"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/file.hh"
#include "runtime/inside/limits.hh"
#include "runtime/inside/report.hh"
#include "runtime/inside/run.hh"

namespace fairlead {

namespace {

using inside::Message;
using inside::Word;

struct Received {
  Message message;
  Fd attached;
  bool closed = false;
};

Result<Received> take_message(int channel) {
  Received got;
  iovec part{&got.message, sizeof got.message};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t size;
  do size = recvmsg(channel, &header, MSG_CMSG_CLOEXEC);
  while (size < 0 && (errno == EINTR || errno == ECONNRESET)); // its last words come after a reset
  if (size < 0) return fail("receive from process");
  got.closed = size <= 0;
  if (size > 0 && size != static_cast<ssize_t>(sizeof got.message))
    return refuse("receive from process", "a message of another size");
  for (cmsghdr* part_of = CMSG_FIRSTHDR(&header); part_of != nullptr;
       part_of = CMSG_NXTHDR(&header, part_of)) {
    if (part_of->cmsg_level != SOL_SOCKET || part_of->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    memcpy(&fd, CMSG_DATA(part_of), sizeof fd);
    got.attached.reset(fd);
  }
  return got;
}

Async<Result<Received>> receive(Waiter& waiter, int channel) {
  const int come = co_await waiter.readable(channel);
  if (come < 0) co_return std::unexpected(Error{"wait for process", ETIMEDOUT, {}, {}});
  co_return take_message(channel);
}

std::unexpected<Error> failure_of(const Message& message) {
  const auto text = [](const char* from, size_t size) {
    return std::string(from, strnlen(from, size));
  };
  Error error{text(message.step, sizeof message.step),
              message.code,
              text(message.path, sizeof message.path),
              {}};
  // The words that Docker's users know.
  if (error.step == "exec" && error.code == ENOENT && error.path.find('/') == error.path.npos)
    error.detail = "executable file not found in $PATH";
  return std::unexpected(std::move(error));
}

bool has_ended(const Fd& pidfd) {
  pollfd wait{pidfd.get(), POLLIN, 0};
  return poll(&wait, 1, 0) == 1;
}

Status answer(int channel) {
  return inside::send_word(channel, Word::go) ? Status{} : fail("answer process");
}

// The direct way: one clone3(2) with everything.
Status clone_directly(Prepared& prepared, const inside::JoinPlan& join, Launched& out) {
  int pidfd = -1;
  const long pid = inside::clone_process(join, 0, &pidfd, SIGCHLD);
  if (pid < 0) return fail("clone");
  if (pid == 0) inside::run(prepared.plan);
  out.pid = static_cast<pid_t>(pid);
  out.pidfd.reset(pidfd);
  return {};
}

struct Joiner {
  pid_t pid = -1;
  Fd answer;
};

Status clone_joiner(Prepared& prepared, inside::JoinPlan join, Joiner& out) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) < 0) return fail("make pipe");
  out.answer.reset(pipe_ends[0]);
  const Fd writer(pipe_ends[1]);
  join.answer = writer.get();
  out.pid = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (out.pid < 0) return fail("clone");
  if (out.pid == 0) inside::join_and_clone(join, prepared.plan);
  return {};
}

// Takes the process that the joiner has made.
Async<Status> take_from_joiner(Waiter& waiter, Joiner& joiner, Launched& out) {
  const int come = co_await waiter.readable(joiner.answer.get());
  const bool in_time = come >= 0;
  int pid = 0;
  ssize_t got = -1;
  if (in_time) {
    do got = read(joiner.answer.get(), &pid, sizeof pid);
    while (got < 0 && errno == EINTR);
  } else {
    kill(joiner.pid, SIGKILL);
  }
  co_await waiter.ended(joiner.pid);
  if (!in_time) co_return std::unexpected(Error{"join namespaces", ETIMEDOUT, {}, {}});
  if (got != static_cast<ssize_t>(sizeof pid)) {
    const auto why = take_message(out.channel.get());
    if (why && !why->closed) co_return failure_of(why->message);
    co_return refuse("join namespaces", "the process that joins them ended");
  }
  out.pid = pid;
  out.pidfd.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (out.pidfd) co_return Status{};
  out.dead = errno == ESRCH; // and reaped by whoever reaps for the waiter
  co_return fail("open pidfd");
}

} // namespace

Async<Status> attend(Waiter& waiter, Launched& process, const Duties& duties) {
  bool ready = false;
  for (;;) {
    const auto serve = [&](const std::function<Status(pid_t)>& duty) -> Status {
      return duty ? duty(process.pid) : Status{};
    };
    auto got = co_await receive(waiter, process.channel.get());
    if (!got) co_return std::unexpected(got.error());
    if (got->closed && ready) co_return Status{};
    process.dead = got->closed; // one that ends by itself says why
    if (got->closed) co_return refuse("create process", "it ended before it was ready");
    Status done;
    switch (got->message.word) {
    case Word::failed: co_return failure_of(got->message);
    case Word::console: process.console = std::move(got->attached); break;
    case Word::ready:
      done = serve(duties.on_ready);
      if (done && !process.at_once) co_return done;
      ready = true;
      break;
    case Word::trees:
      if (!duties.on_trees) co_return refuse("receive from process", "an unknown message");
      done = duties.on_trees(process.channel.get(), got->message.code);
      break;
    case Word::parent:
      done = serve(duties.on_request);
      if (done) done = answer(process.channel.get());
      break;
    case Word::runtime_hooks:
      if (duties.on_hooks) done = co_await duties.on_hooks(waiter, process.pid);
      if (done) done = answer(process.channel.get());
      break;
    default: co_return refuse("receive from process", "an unknown message");
    }
    if (!done) process.dead = has_ended(process.pidfd);
    if (!done) co_return done;
  }
}

Async<Result<Launched>> launch(Waiter& waiter, Prepared& prepared, const inside::JoinPlan& join,
                               bool through_joiner, const Duties& duties) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    co_return fail("make channel");
  Launched out;
  out.at_once = !prepared.plan.wait_for_start;
  out.channel.reset(ends[0]);
  Fd theirs(ends[1]);
  prepared.plan.channel = theirs.get();
  prepared.seal();
  // Signals wait until the process has let go of the caller's handlers.
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  Joiner joiner;
  Status done =
      through_joiner ? clone_joiner(prepared, join, joiner) : clone_directly(prepared, join, out);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  theirs.reset();
  // The trees and directories are the process's now; a mount held here would stay busy.
  if (done) prepared.fds.clear();
  if (done && through_joiner) done = co_await take_from_joiner(waiter, joiner, out);
  if (done) done = duties.on_clone(out.pid, out.channel.get());
  if (done) done = co_await attend(waiter, out, duties);
  if (done || (out.dead && duties.death_counts)) co_return out;
  if (out.pid > 0) co_await end_process(waiter, out.pid);
  co_return std::unexpected(done.error());
}

Async<Status> release(Waiter& waiter, int channel, pid_t pid, const Listener& listener) {
  // One that has been killed meanwhile has left its last words, or none.
  if (Status done = answer(channel); !done && done.error().code != EPIPE) co_return done;
  for (;;) {
    const auto got = co_await receive(waiter, channel);
    if (!got) co_return std::unexpected(got.error());
    if (got->closed) co_return Status{};
    if (got->message.word != Word::listener) co_return failure_of(got->message);
    const Status done =
        co_await hand_over_listener(waiter, listener, pid, got->message.code, got->attached);
    if (done) continue;
    if (pid > 0) kill(pid, SIGKILL); // it would wait in vain
    co_return done;
  }
}

Status adjust_oom_score(pid_t pid, const ProcessSpec& process) {
  if (!process.oom_score_adj) return {};
  const std::string file = "/proc/" + std::to_string(pid) + "/oom_score_adj";
  return write_file(file, std::to_string(*process.oom_score_adj));
}

Status raise_limits(pid_t pid, const Prepared& prepared) {
  if (inside::raise_limits(pid, list_of(prepared.limits))) return {};
  return fail("raise resource limit");
}

void end_process(pid_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
  }
}

Async<int> end_process(Waiter& waiter, pid_t pid) {
  kill(pid, SIGKILL);
  co_return co_await waiter.ended(pid);
}

} // namespace fairlead
