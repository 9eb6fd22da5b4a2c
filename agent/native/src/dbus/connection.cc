// Connections of D-Bus, see connection.hh.
#include "dbus/connection.hh"

#include <poll.h>
#include <sys/socket.h>

#include <ranges>

#include "base/unix-socket.hh"

namespace fairlead::dbus {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds PATIENCE{25'000}; // the default of libdbus and sd-bus
constexpr const char* BUS = "org.freedesktop.DBus";
constexpr size_t MOST_SIGNALS = 1024;  // kept for a later wait
constexpr size_t LONGEST_LINE = 16384; // "Protocol Overview" of the authentication

std::string unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::sscanf(text.substr(i + 1, 2).c_str(), "%2x", &code) == 1) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

} // namespace

std::string socket_of(const std::string& address) {
  for (const auto one : std::views::split(std::string_view(address), ';')) {
    const std::string_view text(one);
    if (!text.starts_with("unix:")) continue;
    for (const auto pair : std::views::split(text.substr(5), ',')) {
      const std::string_view key_value(pair);
      if (key_value.starts_with("path=")) return unescape(std::string(key_value.substr(5)));
    }
  }
  return "";
}

Result<Connection> Connection::open(const std::string& socket_path, bool bus,
                                    std::string destination) {
  const auto address = unix_address("connect to D-Bus", socket_path);
  if (!address) return std::unexpected(address.error());
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail("make socket");
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) < 0)
    return fail("connect to D-Bus", socket_path);
  Connection out(std::move(fd), bus, bus ? std::move(destination) : "");
  Status done = out.authenticate(Clock::now() + PATIENCE);
  if (done && bus) done = out.say_hello();
  if (!done) return std::unexpected(done.error());
  return out;
}

// Without an identity in it, EXTERNAL means the one that the kernel tells (SO_PEERCRED): right also
// for a process in a user namespace, which does not know its number outside. BEGIN goes with it, as
// systemd overlooks a message that it reads together with BEGIN; so the first one waits for OK.
Status Connection::authenticate(Deadline deadline) {
  constexpr std::string_view lines("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n", 29);
  if (Status done = send(lines, deadline); !done) return done;
  for (int count = 0; count < 3; ++count) {
    const auto line = read_line(deadline);
    if (!line) return std::unexpected(line.error());
    if (line->starts_with("OK ")) return {};
    if (*line != "DATA" && *line != "DATA ") break;
  }
  return refuse("authenticate at D-Bus", "the server does not accept this user");
}

Status Connection::say_hello() {
  const auto done = call({BUS, "/org/freedesktop/DBus", BUS, "Hello", "", ""});
  return done ? Status{} : std::unexpected(done.error());
}

Status Connection::wait(short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
    pollfd one{fd_.get(), events, 0};
    const int ready = left > 0 ? poll(&one, 1, static_cast<int>(left)) : 0;
    if (ready > 0) return {};
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) errno = ETIMEDOUT;
    return fail("wait for D-Bus");
  }
}

Status Connection::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (Status done = wait(POLLOUT, deadline); !done) return done;
    } else if (errno != EINTR) {
      return fail("write to D-Bus");
    }
  }
  return {};
}

Status Connection::fill(size_t size, Deadline deadline) {
  while (buffer_.size() < size) {
    char bytes[4096];
    const ssize_t got = recv(fd_.get(), bytes, sizeof bytes, 0);
    if (got == 0) return refuse("read from D-Bus", "the server closed the connection");
    if (got > 0) {
      buffer_.append(bytes, static_cast<size_t>(got));
    } else if (errno == EAGAIN) {
      if (Status done = wait(POLLIN, deadline); !done) return done;
    } else if (errno != EINTR) {
      return fail("read from D-Bus");
    }
  }
  return {};
}

Result<std::string> Connection::read_line(Deadline deadline) {
  for (;;) {
    const size_t end = buffer_.find("\r\n");
    if (end != buffer_.npos) {
      const std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    if (buffer_.size() > LONGEST_LINE)
      return refuse("authenticate at D-Bus", "the server's line is too long");
    if (Status done = fill(buffer_.size() + 1, deadline); !done)
      return std::unexpected(done.error());
  }
}

Result<Message> Connection::receive(Deadline deadline) {
  if (Status done = fill(PROLOGUE, deadline); !done) return std::unexpected(done.error());
  const auto size = message_size(std::string_view(buffer_).substr(0, PROLOGUE));
  if (!size) return std::unexpected(size.error());
  if (Status done = fill(*size, deadline); !done) return std::unexpected(done.error());
  auto message = decode_message(std::string_view(buffer_).substr(0, *size));
  buffer_.erase(0, *size);
  return message;
}

Result<Message> Connection::call(Call call) {
  const Deadline deadline = Clock::now() + PATIENCE;
  if (call.destination.empty()) call.destination = destination_;
  const uint32_t serial = ++serial_;
  if (Status done = send(encode_call(call, serial), deadline); !done)
    return std::unexpected(done.error());
  for (;;) {
    auto got = receive(deadline);
    if (!got) return got;
    if (got->type == Type::signal && signals_.size() < MOST_SIGNALS)
      signals_.push_back(std::move(*got));
    else if (got->type == Type::reply && got->reply_serial == serial) return got;
    else if (got->type == Type::error && got->reply_serial == serial) {
      Reader in = got->reader();
      const std::string words = got->signature.starts_with("s") ? in.text() : "";
      return refuse("call " + call.member, words.empty() ? "it was refused" : words,
                    got->error_name);
    }
  }
}

Result<Message> Connection::wait_signal(const std::function<bool(const Message&)>& wanted,
                                        std::chrono::milliseconds patience) {
  const Deadline deadline = Clock::now() + patience;
  for (;;) {
    while (!signals_.empty()) {
      Message signal = std::move(signals_.front());
      signals_.pop_front();
      if (wanted(signal)) return signal;
    }
    auto got = receive(deadline);
    if (!got) return got;
    if (got->type == Type::signal) signals_.push_back(std::move(*got));
  }
}

} // namespace fairlead::dbus
