// Reading requests and streams, and sending without ever waiting.
#include "shim/streams/connection.hh"

#include <sys/epoll.h>
#include <sys/socket.h>

namespace fairlead::shim {

namespace {

constexpr size_t LONGEST_LINE = 1 << 20;
constexpr size_t MOST_UNSENT = 1 << 20;
constexpr size_t CONGESTED = 256 * 1024;
constexpr size_t CHUNK = 32 * 1024;
constexpr int64_t STALL_MS = 10'000;
constexpr int64_t LINGER_MS = 2000;

} // namespace

Connection::~Connection() {
  loop_.cancel(deadline_);
  loop_.cancel(stall_);
  if (!closed_ && socket_) loop_.remove(socket_.get());
}

Status Connection::open(LineHandler on_line, Signal on_closed) {
  on_line_ = std::move(on_line);
  on_closed_ = std::move(on_closed);
  return loop_.add(socket_.get(), EPOLLIN, [this](uint32_t events) {
    const auto self = shared_from_this();
    on_events(events);
  });
}

void Connection::expect_line(int64_t timeout_ms) {
  deadline_ = loop_.after(timeout_ms, [this] {
    deadline_ = 0;
    close();
  });
}

void Connection::stream(InputHandler on_input, Signal on_end) {
  on_input_ = std::move(on_input);
  on_end_ = std::move(on_end);
  mode_ = Mode::stream;
  const std::string early = std::exchange(line_, {});
  if (!early.empty()) on_input_(early);
  watch();
}

void Connection::pause_input(bool paused) {
  if (closed_ || paused_ == paused) return;
  paused_ = paused;
  if (!hung_up_) watch();
  else if (!paused) loop_.defer([self = shared_from_this()] { self->on_events(EPOLLHUP); });
}

void Connection::send(std::string_view bytes) {
  if (closed_ || hung_up_ || finishing_) return;
  if (!unsent()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
    else if (count < 0 && errno != EAGAIN && errno != EINTR) return close();
    if (bytes.empty()) return;
  }
  if (sent_ > CHUNK) {
    unsent_.erase(0, sent_);
    sent_ = 0;
  }
  if (unsent_.size() - sent_ + bytes.size() > MOST_UNSENT) return close();
  unsent_.append(bytes);
  if (stall_ == 0) watch_progress();
  watch();
}

bool Connection::congested() const { return !closed_ && unsent_.size() - sent_ > CONGESTED; }

void Connection::send_frame(uint8_t channel, std::string_view bytes) {
  const auto length = static_cast<uint32_t>(bytes.size());
  const char header[8] = {static_cast<char>(channel),
                          0,
                          0,
                          0,
                          static_cast<char>(length >> 24),
                          static_cast<char>(length >> 16),
                          static_cast<char>(length >> 8),
                          static_cast<char>(length)};
  std::string frame(header, sizeof header);
  frame.append(bytes);
  send(frame);
}

void Connection::finish() {
  if (closed_ || finishing_) return;
  finishing_ = true;
  if (hung_up_) return close();
  if (!unsent()) return part();
  watch_progress();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  loop_.cancel(deadline_);
  loop_.cancel(stall_);
  loop_.remove(socket_.get());
  // A unix socket that closes with unread bytes resets its peer, which would then lose the answer.
  ::shutdown(socket_.get(), SHUT_RDWR);
  char rest[4096];
  for (int i = 0; i < 256 && ::recv(socket_.get(), rest, sizeof rest, MSG_DONTWAIT) > 0; ++i) {
  }
  socket_.reset();
  loop_.defer([self = shared_from_this()] {
    const Signal gone = std::exchange(self->gone_, nullptr);
    if (gone) gone();
    const Signal closed = std::exchange(self->on_closed_, nullptr);
    self->on_line_ = nullptr;
    self->on_input_ = nullptr;
    self->on_end_ = nullptr;
    self->on_relief_ = nullptr;
    if (closed) closed();
  });
}

void Connection::on_events(uint32_t events) {
  if (closed_) return;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !hung_up_) {
    hung_up_ = true;
    loop_.remove(socket_.get());
  }
  if ((events & EPOLLOUT) != 0 && !hung_up_) flush();
  if (!closed_ && wants_input() && (events & ~uint32_t{EPOLLOUT}) != 0) read_some();
  if (!closed_ && hung_up_ && (mode_ == Mode::waiting || ended_)) close();
}

// A client that hung up sends nothing new, so what it left is read to its end at once.
void Connection::read_some() {
  char chunk[CHUNK];
  do {
    const ssize_t got = ::recv(socket_.get(), chunk, sizeof chunk, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return end_of_input();
    take({chunk, static_cast<size_t>(got)});
  } while (!closed_ && hung_up_ && wants_input());
}

void Connection::take(std::string_view bytes) {
  if (mode_ == Mode::stream) {
    on_input_(bytes);
    return;
  }
  const size_t newline = bytes.find('\n');
  line_.append(bytes.substr(0, newline));
  if (line_.size() > LONGEST_LINE) {
    const Error error{"read request", EINVAL, {}, "the request line is longer than 1 MiB"};
    mode_ = Mode::waiting;
    send("{\"ok\":false,\"error\":" + fairlead::to_json(error) + "}\n");
    return finish();
  }
  if (newline == std::string_view::npos) return;
  mode_ = Mode::waiting;
  loop_.cancel(deadline_);
  const std::string request = std::exchange(line_, std::string(bytes.substr(newline + 1)));
  watch();
  on_line_(request);
}

void Connection::end_of_input() {
  ended_ = true;
  if (mode_ == Mode::line) return close();
  watch();
  if (on_end_) on_end_();
}

void Connection::flush() {
  const bool was_congested = congested();
  while (unsent()) {
    const ssize_t count =
        ::send(socket_.get(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) return close();
    sent_ += static_cast<size_t>(count);
  }
  if (!unsent()) {
    unsent_.clear();
    unsent_.shrink_to_fit();
    sent_ = 0;
    if (finishing_) return part();
  }
  watch_progress();
  watch();
  if (was_congested && !congested() && on_relief_) on_relief_();
}

void Connection::part() {
  if (mode_ != Mode::stream || ended_ || hung_up_) return close();
  ::shutdown(socket_.get(), SHUT_WR);
  on_input_ = [](std::string_view) {};
  on_end_ = [this] { close(); };
  paused_ = false;
  watch();
  loop_.cancel(stall_);
  stall_ = loop_.after(LINGER_MS, [this] {
    stall_ = 0;
    close();
  });
}

// Called after every progress: from now on the client has its time again.
void Connection::watch_progress() {
  loop_.cancel(stall_);
  const bool others_wait = finishing_ || (congested() && !patient_);
  if (!others_wait || !unsent()) return;
  stall_ = loop_.after(STALL_MS, [this] {
    stall_ = 0;
    close();
  });
}

void Connection::watch() {
  if (closed_ || hung_up_) return;
  uint32_t events = 0;
  if (wants_input()) events |= EPOLLIN;
  if (unsent()) events |= EPOLLOUT;
  loop_.change(socket_.get(), events);
}

} // namespace fairlead::shim
