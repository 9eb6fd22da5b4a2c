// Passes on what arrives at a port of the host, from a socket in another network namespace.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/error.hh"
#include "base/fd.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

// Where it goes.
struct RelayTarget {
  std::string netns; // path of the namespace
  std::string ip;
  uint16_t port = 0;

  // A socket in that namespace, connected or connecting, that does not block.
  Result<Fd> connect(int type) const;
};

class PortRelay {
public:
  virtual ~PortRelay() = default;
  // For new connections and senders; without a target they are refused.
  void aim(std::optional<RelayTarget> target) { target_ = std::move(target); }

protected:
  std::optional<RelayTarget> target_;
};

// Both take a bound socket that does not block; the first one listens.
Result<std::unique_ptr<PortRelay>> relay_connections(Loop& loop, Fd listener);
Result<std::unique_ptr<PortRelay>> relay_datagrams(Loop& loop, Fd socket);

} // namespace fairlead::shim
