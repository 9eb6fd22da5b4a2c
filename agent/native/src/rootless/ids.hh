// Which ids an ordinary user's user namespace has: the ranges of subuid(5) and subgid(5), else the
// user's own id alone. Or those that a configuration names.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"

namespace fairlead::rootless {

// A process outside the new namespace, which waits there to map its ids: newuidmap(1) must look at
// the namespace from its parent.
class IdMapper {
public:
  // To be called before unshare(2).
  static Result<IdMapper> begin();
  // The same with ids as arguments of newuidmap(1) and newgidmap(1).
  using Words = std::vector<std::string>;
  static Result<IdMapper> begin(const Words& uids, const Words& gids);
  // To be called after it; becomes root of the namespace. Says in `note` why there is one id only.
  Status map(std::string& note);
  // The words for the user's own id alone, as root of the namespace.
  static Words own(unsigned id) { return {"0", std::to_string(id), "1"}; }

private:
  IdMapper(pid_t pid, Fd go, uid_t uid, gid_t gid)
      : pid_(pid), go_(std::move(go)), uid_(uid), gid_(gid) {}
  pid_t pid_;
  Fd go_;
  uid_t uid_;
  gid_t gid_;
};

} // namespace fairlead::rootless
