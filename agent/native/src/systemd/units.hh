// The service manager of the host or of the user, asked over D-Bus for units of containers
// (org.freedesktop.systemd1(5)).
#pragma once
#include <sys/types.h>

#include "dbus/connection.hh"
#include "runtime/spec.hh"
#include "systemd/property.hh"
#include "systemd/unit.hh"

namespace fairlead::systemd {

class Units {
public:
  // Whether a caller like this one belongs to its user's manager instead of the host's.
  static bool is_of_user();
  // Connects to systemd's own socket, or over the bus when that is not to be had.
  static Result<Units> open(bool of_user);

  // The cgroup below which the manager has its units; "" for the whole tree.
  Result<std::string> cgroup();

  // Makes a transient unit with the process in it (unless it is a slice, which takes none) and
  // waits until its cgroup is there.
  Status start(const Unit& unit, pid_t pid, const std::string& description,
               const Resources& resources, const Properties& more);
  // Moves a process into a unit, also where the caller itself may not.
  Status attach(const std::string& unit, pid_t pid);
  // Tells systemd of changed limits.
  Status update(const std::string& unit, const Resources& resources);
  // Stops the unit and forgets it; one that is gone is fine.
  Status stop(const std::string& unit);

private:
  Units(dbus::Connection connection, bool of_user)
      : connection_(std::move(connection)), of_user_(of_user) {}
  Result<dbus::Message> call(const char* method, const char* signature, std::string body);
  Result<std::string> property(const char* name);
  Result<Properties> limits(const Resources& resources);
  Status listen();
  Status finish(const Result<dbus::Message>& answer, const std::string& unit);

  dbus::Connection connection_;
  bool of_user_;
};

} // namespace fairlead::systemd
