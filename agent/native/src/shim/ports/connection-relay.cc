// TCP: each connection is joined to one of its own in the target's namespace, half-closes included.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <unordered_map>

#include "base/netns.hh"
#include "shim/ports/port-relay.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_CONNECTIONS = 4096;
constexpr int ACCEPTED_AT_ONCE = 32;
constexpr int READS_AT_ONCE = 8;
constexpr size_t CHUNK = 64 * 1024;

// One end of a pair, and what waits to be written to it.
struct End {
  Fd socket;
  std::string unsent;
  uint32_t watched = 0;
  bool reading = true;  // its peer has not ended its stream
  bool writable = true; // we have not ended ours
};

struct Pair {
  End ends[2]; // the client's, then the container's
  bool connecting = true;
};

class ConnectionRelay : public PortRelay {
public:
  ConnectionRelay(Loop& loop, Fd listener) : loop_(loop), listener_(std::move(listener)) {}
  ~ConnectionRelay() override;
  Status begin();

private:
  void on_connections();
  void join(Fd client);
  void on_events(uint64_t key, int side, uint32_t events);
  bool finish_connecting(Pair& pair);
  bool flush(End& end);
  bool read_from(Pair& pair, int side);
  void watch(uint64_t key, Pair& pair);
  void watch_end(uint64_t key, End& end, int side, uint32_t wanted);
  void drop(uint64_t key);

  Loop& loop_;
  Fd listener_;
  uint64_t last_key_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Pair>> pairs_;
};

ConnectionRelay::~ConnectionRelay() {
  while (!pairs_.empty()) drop(pairs_.begin()->first);
  loop_.remove(listener_.get());
}

Status ConnectionRelay::begin() {
  return loop_.add(listener_.get(), EPOLLIN, [this](uint32_t) { on_connections(); });
}

void ConnectionRelay::on_connections() {
  for (int i = 0; i < ACCEPTED_AT_ONCE; ++i) {
    Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    if (target_ && pairs_.size() < MOST_CONNECTIONS) join(std::move(client));
  }
}

// A reset is what a client sees of a port that nobody listens on.
void reset_at_close(const Fd& socket) {
  const linger now{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void ConnectionRelay::join(Fd client) {
  auto inner = target_->connect(SOCK_STREAM);
  if (!inner) return reset_at_close(client);
  auto pair = std::make_unique<Pair>();
  pair->ends[0].socket = std::move(client);
  pair->ends[1].socket = std::move(*inner);
  const uint64_t key = ++last_key_;
  watch(key, *pairs_.emplace(key, std::move(pair)).first->second);
}

void ConnectionRelay::on_events(uint64_t key, int side, uint32_t events) {
  const auto found = pairs_.find(key);
  if (found == pairs_.end()) return;
  Pair& pair = *found->second;
  if (pair.connecting) {
    if (side == 0 || !finish_connecting(pair)) {
      reset_at_close(pair.ends[0].socket);
      return drop(key);
    }
  }
  bool good = true;
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    good = flush(pair.ends[side]);
    // Room here is a reason to read there again.
    if (good && pair.ends[side].unsent.empty()) good = read_from(pair, 1 - side);
  }
  if (good && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) good = read_from(pair, side);
  const bool over = !pair.ends[0].reading && !pair.ends[1].reading && pair.ends[0].unsent.empty() &&
                    pair.ends[1].unsent.empty();
  if (!good || over) return drop(key);
  watch(key, pair);
}

bool ConnectionRelay::finish_connecting(Pair& pair) {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(pair.ends[1].socket.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  pair.connecting = code != 0;
  return code == 0;
}

// Sends what waits, then the end of the stream when the other side has ended.
bool ConnectionRelay::flush(End& end) {
  while (!end.unsent.empty()) {
    const ssize_t sent =
        ::send(end.socket.get(), end.unsent.data(), end.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    end.unsent.erase(0, static_cast<size_t>(sent));
  }
  return true;
}

bool ConnectionRelay::read_from(Pair& pair, int side) {
  static char chunk[CHUNK];
  End& from = pair.ends[side];
  End& to = pair.ends[1 - side];
  for (int i = 0; i < READS_AT_ONCE && from.reading && to.unsent.empty(); ++i) {
    const ssize_t got = ::recv(from.socket.get(), chunk, sizeof chunk, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) {
      from.reading = false;
      break;
    }
    to.unsent.assign(chunk, static_cast<size_t>(got));
    if (!flush(to)) return false;
  }
  if (!from.reading && to.unsent.empty() && to.writable) {
    to.writable = false;
    ::shutdown(to.socket.get(), SHUT_WR);
  }
  return true;
}

void ConnectionRelay::watch(uint64_t key, Pair& pair) {
  for (int side = 0; side < 2; ++side) {
    End& end = pair.ends[side];
    uint32_t wanted = 0;
    if (pair.connecting) {
      if (side == 1) wanted = EPOLLOUT;
    } else {
      if (end.reading && pair.ends[1 - side].unsent.empty()) wanted |= EPOLLIN;
      if (!end.unsent.empty()) wanted |= EPOLLOUT;
    }
    watch_end(key, end, side, wanted);
  }
}

// epoll(7) tells a hang-up even when nothing is asked for, over and over: then not at all.
void ConnectionRelay::watch_end(uint64_t key, End& end, int side, uint32_t wanted) {
  const int fd = end.socket.get();
  if (wanted == end.watched) return;
  if (wanted == 0) loop_.remove(fd);
  else if (end.watched != 0) loop_.change(fd, wanted);
  else if (!loop_.add(fd, wanted, [this, key, side](uint32_t got) { on_events(key, side, got); }))
    return;
  end.watched = wanted;
}

void ConnectionRelay::drop(uint64_t key) {
  auto node = pairs_.extract(key);
  for (End& end : node.mapped()->ends)
    if (end.watched != 0) loop_.remove(end.socket.get());
}

} // namespace

Result<std::unique_ptr<PortRelay>> relay_connections(Loop& loop, Fd listener) {
  auto relay = std::make_unique<ConnectionRelay>(loop, std::move(listener));
  if (Status begun = relay->begin(); !begun) return std::unexpected(begun.error());
  return relay;
}

} // namespace fairlead::shim
