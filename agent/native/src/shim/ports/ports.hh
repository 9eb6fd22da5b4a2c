// Host ports that belong to the container: held so that no other program of the host takes them,
// and relayed where no rule of the kernel leads to the container.
#pragma once
#include <memory>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "shim/bundle/settings.hh"
#include "shim/loop/loop.hh"
#include "shim/ports/port-relay.hh"

namespace fairlead::shim {

class Ports {
public:
  explicit Ports(Loop& loop) : loop_(loop) {}

  // Binds every port; all or none. A socket that is only held neither listens nor uses
  // SO_REUSEADDR: the kernel then refuses the port to everybody else, and a connection that no
  // rule redirects is refused at once.
  Status open(const std::vector<PortReservation>& ports);
  // Sends new connections to where the settings lead now; a port that is not there gets none.
  void aim(const std::vector<PortReservation>& ports);

private:
  struct Held {
    PortReservation port;
    Fd socket;
    std::unique_ptr<PortRelay> relay; // owns the socket then
  };
  Loop& loop_;
  std::vector<Held> held_;
};

} // namespace fairlead::shim
