// Moving bytes between a process, its log and its clients.
#include "shim/streams/streams.hh"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace fairlead::shim {

namespace {

constexpr size_t CHUNK = 64 * 1024;
constexpr size_t MOST_INPUT = 64 * 1024;
// A program that hangs up its terminal, as getty does with vhangup(2), opens it again soon.
constexpr int64_t TERMINAL_RETRY_MS = 200;

// The process keeps blocking descriptors; only our end may not block.
Status set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return fail("fcntl O_NONBLOCK");
  return {};
}

Status make_pipe(Fd& reader, Fd& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail("pipe2");
  reader.reset(ends[0]);
  writer.reset(ends[1]);
  return {};
}

} // namespace

Streams::~Streams() {
  loop_.cancel(grace_);
  loop_.cancel(reopen_);
  if (out_.fd) loop_.remove(out_.fd.get());
  if (err_.fd) loop_.remove(err_.fd.get());
  if (in_) loop_.remove(in_.get());
  release_clients();
}

Result<ProcessEnds> Streams::make_pipes(bool keep_out, bool keep_err) {
  ProcessEnds ends;
  Status made;
  if (policy_.input) made = make_pipe(ends.in, in_);
  if (made && keep_out) made = make_pipe(out_.fd, ends.out);
  if (made && keep_err) made = make_pipe(err_.fd, ends.err);
  if (made && in_) made = set_nonblocking(in_.get());
  if (made && out_.fd && !held_) made = watch(out_);
  if (made && err_.fd && !held_) made = watch(err_);
  if (!made) return std::unexpected(made.error());
  return ends;
}

Status Streams::adopt_terminal(Fd master) {
  out_.fd = std::move(master);
  return held_ ? Status{} : watch(out_);
}

void Streams::attach(const std::shared_ptr<Connection>& client, Wanted wanted) {
  if (!policy_.input) wanted.in = false;
  clients_.push_back({client, wanted});
  client->on_gone([this, gone = client.get()] { drop(gone); });
  client->on_relief([this] { release_output(); });
  if (policy_.patient) client->set_patient();
  client->stream(
      [this, wanted](std::string_view bytes) {
        if (wanted.in) take_input(bytes);
      },
      [this, wanted, client = client.get()] {
        if (wanted.in) end_of_input(client->shared_from_this());
      });
  if (wanted.in && input_.size() >= MOST_INPUT) client->pause_input(true);
}

Status Streams::resize(int rows, int columns) {
  if (!policy_.tty || !out_.fd)
    return std::unexpected(Error{"resize", EINVAL, {}, "the process has no terminal"});
  const winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
  if (::ioctl(out_.fd.get(), TIOCSWINSZ, &size) != 0) return fail("ioctl TIOCSWINSZ");
  return {};
}

void Streams::conclude(int64_t grace_ms, std::function<void()> done) {
  concluding_ = true;
  done_ = std::move(done);
  input_.clear();
  if (in_) loop_.remove(in_.get());
  in_.reset();
  grace_ = loop_.after(grace_ms, [this] {
    grace_ = 0;
    end(out_);
    end(err_);
    check_done();
  });
  release_output(); // what is left fits into the clients' buffers
  // A fast end costs no turn of the loop; a flood is read in turns.
  if (out_.fd) on_readable(out_);
  if (err_.fd) on_readable(err_);
  check_done();
}

void Streams::release_clients() {
  std::vector<Client> clients;
  clients.swap(clients_);
  for (Client& client : clients) {
    client.connection->on_gone(nullptr);
    client.connection->on_relief(nullptr);
    client.connection->stream([](std::string_view) {}, [] {});
    client.connection->finish();
  }
}

Status Streams::watch(Source& source) {
  if (const Status status = set_nonblocking(source.fd.get()); !status) return status;
  return loop_.add(source.fd.get(), EPOLLIN, [this, &source](uint32_t events) {
    if ((events & EPOLLOUT) != 0) flush_input();
    if (source.fd && (events & ~uint32_t{EPOLLOUT}) != 0) on_readable(source);
    check_done();
  });
}

void Streams::on_readable(Source& source) {
  for (int i = 0; i < 4 && source.fd; ++i) {
    if (!read_once(source)) return;
    if (must_wait()) return hold_output();
  }
}

bool Streams::must_wait() const {
  if (full_ && full_()) return true;
  return !concluding_ && std::ranges::any_of(clients_, [](const Client& client) {
    return client.connection->congested();
  });
}

// A closed pipe always counts as ready, so a source that waits must leave the loop.
void Streams::hold_output() {
  held_ = true;
  if (out_.fd) loop_.remove(out_.fd.get());
  if (err_.fd) loop_.remove(err_.fd.get());
}

void Streams::release_output() {
  if (!held_ || must_wait()) return;
  held_ = false;
  for (Source* source : {&out_, &err_})
    if (source->fd && !watch(*source)) end(*source);
  if (policy_.tty) flush_input();
}

bool Streams::read_once(Source& source) {
  static char chunk[CHUNK];
  const ssize_t got = ::read(source.fd.get(), chunk, sizeof chunk);
  if (got > 0) {
    deliver(source.channel, {chunk, static_cast<size_t>(got)});
    return true;
  }
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  if (policy_.tty && !concluding_) { // EIO: nobody has the terminal open at this moment
    loop_.remove(source.fd.get());
    reopen_ = loop_.after(TERMINAL_RETRY_MS, [this] {
      reopen_ = 0;
      input_watched_ = false;
      if (!held_ && out_.fd && watch(out_)) flush_input();
    });
    return false;
  }
  end(source);
  return false;
}

void Streams::end(Source& source) {
  if (!source.fd) return;
  loop_.remove(source.fd.get());
  source.fd.reset();
  output_(source.channel, {}); // an empty chunk is the end of that stream
}

void Streams::deliver(Channel channel, std::string_view bytes) {
  output_(channel, bytes);
  for (size_t i = 0; i < clients_.size(); ++i) { // send() only ever marks a client as closed
    const Client& client = clients_[i];
    if (policy_.tty) {
      if (client.wanted.out) client.connection->send(bytes);
    } else if (channel == Channel::out ? client.wanted.out : client.wanted.err) {
      client.connection->send_frame(static_cast<uint8_t>(channel), bytes);
    }
  }
}

void Streams::check_done() {
  if (!concluding_ || out_.fd || err_.fd || !done_) return;
  loop_.cancel(grace_);
  loop_.defer(std::exchange(done_, nullptr));
}

void Streams::take_input(std::string_view bytes) {
  if (concluding_ || input_ending_) return;
  input_.append(bytes);
  flush_input();
  if (input_.size() >= MOST_INPUT) pause_clients(true);
}

// What Docker does (moby container/stream/attach.go): with stdin once, the process sees the end;
// otherwise, and always with a terminal, the end of input detaches the client.
void Streams::end_of_input(const std::shared_ptr<Connection>& client) {
  if (policy_.close_on_end && !policy_.tty) {
    input_ending_ = true;
    flush_input();
  } else {
    client->finish();
  }
}

void Streams::flush_input() {
  const int fd = policy_.tty ? out_.fd.get() : in_.get();
  if (fd < 0) {
    input_.clear();
    return pause_clients(false);
  }
  size_t written = 0;
  bool blocked = false;
  while (written < input_.size() && !blocked) {
    const ssize_t count = ::write(fd, input_.data() + written, input_.size() - written);
    if (count > 0) written += static_cast<size_t>(count);
    else if (count < 0 && errno == EINTR) continue;
    else if (count < 0 && errno == EAGAIN) blocked = true;
    else written = input_.size(); // nobody reads any more
  }
  input_.erase(0, written);
  if (input_.size() < MOST_INPUT) pause_clients(false);
  if (policy_.tty) {
    loop_.change(fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
  } else if (blocked && !input_watched_) {
    input_watched_ = loop_.add(fd, EPOLLOUT, [this](uint32_t) { flush_input(); }).has_value();
  } else if (!blocked && input_watched_) {
    loop_.remove(fd);
    input_watched_ = false;
  }
  if (input_.empty() && input_ending_ && !policy_.tty) {
    loop_.remove(fd);
    input_watched_ = false;
    in_.reset();
  }
}

void Streams::pause_clients(bool paused) {
  for (const Client& client : clients_)
    if (client.wanted.in) client.connection->pause_input(paused);
}

// With stdin once the first client that leaves takes the process's stdin with it, like Docker's.
void Streams::drop(const Connection* gone) {
  const auto found = std::ranges::find_if(
      clients_, [gone](const Client& client) { return client.connection.get() == gone; });
  if (found == clients_.end()) return;
  const bool had_input = found->wanted.in;
  clients_.erase(found);
  release_output();
  if (!had_input || !policy_.close_on_end || policy_.tty || concluding_) return;
  input_ending_ = true;
  flush_input();
}

} // namespace fairlead::shim
