// Reads linux.memoryPolicy (runtime-spec 1.3) into set_mempolicy(2)'s numbers.
#include <array>

#include "runtime/parse.hh"

namespace fairlead {

namespace {

// linux/mempolicy.h; spelled out since the build host's header may be older.
constexpr std::array<std::pair<const char*, int>, 7> MODES = {{{"MPOL_DEFAULT", 0},
                                                               {"MPOL_PREFERRED", 1},
                                                               {"MPOL_BIND", 2},
                                                               {"MPOL_INTERLEAVE", 3},
                                                               {"MPOL_LOCAL", 4},
                                                               {"MPOL_PREFERRED_MANY", 5},
                                                               {"MPOL_WEIGHTED_INTERLEAVE", 6}}};
constexpr std::array<std::pair<const char*, int>, 3> FLAGS = {{{"MPOL_F_NUMA_BALANCING", 1 << 13},
                                                               {"MPOL_F_RELATIVE_NODES", 1 << 14},
                                                               {"MPOL_F_STATIC_NODES", 1 << 15}}};

template <typename Table> int number_of(const Table& table, const std::string& name) {
  for (const auto& [known, number] : table)
    if (name == known) return number;
  return -1;
}

} // namespace

void read_memory_policy(const JsonObject& policy, Spec& out) {
  if (!policy) return;
  MemoryPolicy& to = out.memory_policy.emplace();
  std::string mode;
  policy.text("mode", mode);
  to.mode = number_of(MODES, mode);
  if (to.mode < 0) policy.reject("mode", "is not a memory policy: " + mode);
  read_number_list(policy, "nodes", MemoryPolicy::MOST_NODES, to.nodes);
  std::vector<std::string> flags;
  policy.strings("flags", flags);
  for (const std::string& flag : flags) {
    const int bit = number_of(FLAGS, flag);
    if (bit < 0) policy.reject("flags", "is not a flag of a memory policy: " + flag);
    else to.mode |= bit;
  }
}

} // namespace fairlead
