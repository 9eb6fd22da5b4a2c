// dial-stdio: joins stdin and stdout to a unix socket, byte for byte, and keeps half-closes.
// Serves clients whose SSH server refuses direct-streamlocal channels.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdio>
#include <string_view>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/unix-socket.hh"
#include "commands.hh"

namespace fairlead {

namespace {

// One direction; reads only when everything read before has been written.
struct Flow {
  int from;
  int to;
  bool to_socket;
  bool open = true; // not yet at its end
  char buffer[32 * 1024];
  size_t start = 0;
  size_t end = 0;

  bool empty() const { return start == end; }
};

void finish(Flow& flow) {
  flow.open = false;
  if (flow.to_socket) ::shutdown(flow.to, SHUT_WR);
  else (void)Fd(flow.to);
}

void fill(Flow& flow) {
  const ssize_t got = ::read(flow.from, flow.buffer, sizeof flow.buffer);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) return finish(flow);
  flow.start = 0;
  flow.end = static_cast<size_t>(got);
}

void drain(Flow& flow) {
  const ssize_t put = ::write(flow.to, flow.buffer + flow.start, flow.end - flow.start);
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (put <= 0) {
    flow.start = flow.end;
    return finish(flow);
  }
  flow.start += static_cast<size_t>(put);
}

// Ends with the socket's side: what the far end says last is the answer.
void relay(Flow& up, Flow& down) {
  while (down.open) {
    pollfd fds[4] = {{-1, POLLIN, 0}, {-1, POLLOUT, 0}, {-1, POLLIN, 0}, {-1, POLLOUT, 0}};
    Flow* const flows[2] = {&up, &down};
    for (int i = 0; i < 2; ++i) {
      if (!flows[i]->open) continue;
      fds[2 * i].fd = flows[i]->empty() ? flows[i]->from : -1;
      fds[2 * i + 1].fd = flows[i]->empty() ? -1 : flows[i]->to;
    }
    if (::poll(fds, 4, -1) < 0 && errno != EINTR) return;
    for (int i = 0; i < 2; ++i) {
      if (fds[2 * i].revents != 0) fill(*flows[i]);
      if (fds[2 * i + 1].revents != 0) drain(*flows[i]);
    }
  }
}

} // namespace

int relay_main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: fairlead-runtime dial-stdio PATH\n", stderr);
    return 2;
  }
  const auto socket = connect_unix("connect", argv[1]);
  if (!socket) {
    std::fprintf(stderr, "fairlead: %s\n", describe(socket.error()).c_str());
    return 1;
  }
  ::signal(SIGPIPE, SIG_IGN);
  static Flow up{STDIN_FILENO, socket->get(), true, true, {}, 0, 0};
  static Flow down{socket->get(), STDOUT_FILENO, false, true, {}, 0, 0};
  relay(up, down);
  return 0;
}

} // namespace fairlead
