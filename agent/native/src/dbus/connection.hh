// A connection to a message bus, or to a service that listens without one: authentication, calls
// and signals (D-Bus Specification, "Authentication Protocol" and "Message Bus Specification").
// Single-threaded; every wait has a bound.
#pragma once
#include <chrono>
#include <deque>
#include <functional>

#include "base/fd.hh"
#include "dbus/message.hh"

namespace fairlead::dbus {

class Connection {
public:
  // Connects to a unix socket and authenticates with the process's own credentials. On a bus it
  // also says hello, and calls go to `destination` there.
  static Result<Connection> open(const std::string& socket, bool bus, std::string destination);

  bool on_bus() const { return bus_; }

  // Calls a method and waits for its answer. An error reply becomes an error with its D-Bus name
  // as path and its words as detail.
  Result<Message> call(Call call);
  // Waits for a signal that `wanted` accepts, also one that came during an earlier call.
  Result<Message> wait_signal(const std::function<bool(const Message&)>& wanted,
                              std::chrono::milliseconds patience);

private:
  using Deadline = std::chrono::steady_clock::time_point;

  Connection(Fd fd, bool bus, std::string destination)
      : fd_(std::move(fd)), bus_(bus), destination_(std::move(destination)) {}
  Status authenticate(Deadline deadline);
  Status say_hello();
  Status send(std::string_view bytes, Deadline deadline);
  Result<std::string> read_line(Deadline deadline);
  Result<Message> receive(Deadline deadline);
  Status fill(size_t size, Deadline deadline); // until the buffer holds so much
  Status wait(short events, Deadline deadline);

  Fd fd_;
  bool bus_;
  std::string destination_;
  std::string buffer_;
  uint32_t serial_ = 0;
  std::deque<Message> signals_;
};

// The path of a server address such as "unix:path=/run/x" ("Server Addresses"); of a list the first
// that is a unix socket with a path. Empty when there is none.
std::string socket_of(const std::string& address);

} // namespace fairlead::dbus
