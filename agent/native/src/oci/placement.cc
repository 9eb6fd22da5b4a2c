// The two cgroup drivers of the command line, see placement.hh.
#include "oci/placement.hh"

#include <signal.h>

#include <memory>

#include "runtime/namespaces.hh"
#include "systemd/units.hh"

namespace fairlead {

namespace {

using systemd::Units;

// The connection ends with the first use: systemd would go on sending news of all units to it.
std::function<Status(pid_t)> entrance(Units units, const systemd::Unit& unit, const std::string& id,
                                      const Resources& resources, systemd::Properties more) {
  auto held = std::make_shared<std::optional<Units>>(std::move(units));
  return [held, unit, id, &resources, more = std::move(more)](pid_t pid) -> Status {
    if (!*held) return refuse("make unit", "it was made already", unit.name);
    const Status done = (*held)->start(unit, pid, "fairlead container " + id, resources, more);
    held->reset();
    return done;
  };
}

} // namespace

Result<Placement> place(const Call& call, const Spec& spec, const std::string& id) {
  if (!call.systemd_cgroup) return Placement{cgroup_of(spec, id).path(), "", {}};
  const bool of_user = Units::is_of_user();
  const auto unit = systemd::unit_of(spec.cgroups_path, id, of_user);
  if (!unit) return std::unexpected(unit.error());
  auto more = systemd::annotated(spec.annotations);
  if (!more) return std::unexpected(more.error());
  auto units = Units::open(of_user);
  if (!units) return std::unexpected(units.error());
  const auto base = units->cgroup();
  if (!base) return std::unexpected(base.error());
  return Placement{*base + systemd::path_of(*unit), unit->name,
                   entrance(std::move(*units), *unit, id, spec.resources, std::move(*more))};
}

Cgroup cgroup_of(const Record& record) { return Cgroup::at(record.cgroup, record.rootless); }

// An ordinary user may not move processes from a session's cgroup to one of the user's systemd,
// since the group above both is not the user's (cgroup-v2, "Delegation Containment").
std::function<Status(pid_t)> entrance_of(const Record& record) {
  if (record.unit.empty() || !Units::is_of_user()) return {};
  return [unit = record.unit](pid_t pid) -> Status {
    auto units = Units::open(true);
    return units ? units->attach(unit, pid) : std::unexpected(units.error());
  };
}

Status update_limits(const Record& record, const Resources& resources) {
  if (!record.unit.empty()) {
    auto units = Units::open(Units::is_of_user());
    if (!units) return std::unexpected(units.error());
    if (Status done = units->update(record.unit, resources); !done) return done;
  }
  return cgroup_of(record).update(resources);
}

Status end_cgroup(const Record& record) {
  const Cgroup cgroup = cgroup_of(record);
  if (!record.unit.empty()) {
    (void)cgroup.kill_all(SIGKILL); // so that systemd has none to wait for
    auto units = Units::open(Units::is_of_user());
    if (!units) return std::unexpected(units.error());
    if (Status done = units->stop(record.unit); !done) return done;
  }
  return cgroup.destroy();
}

} // namespace fairlead
