// The process that enters existing namespaces and then makes the container's process as a child of
// its own parent: pid, user and time namespaces only hold for children (setns(2)).
#pragma once
#include "runtime/inside/plan.hh"

namespace fairlead::inside {

struct JoinPlan {
  uint64_t clone_flags = 0;      // CLONE_NEW* of the new process
  int cgroup = -1;               // CLONE_INTO_CGROUP
  List<int> entrances;           // `tasks` of version 1 groups, to be entered first
  List<Join> joins;              // in this order
  int init = -1, init_types = 0; // a pidfd: all namespaces of a container at once (Linux 5.8)
  int root = -1;                 // chroot here after joining, or -1
  bool new_time = false;
  const char* time_offsets = nullptr;
  const void* processors = nullptr; // cpu_set_t while joining, or nullptr
  int answer = -1;                  // a pipe that takes the new process's pid
};

// clone3(2) with the flags above; 0 in the new process.
long clone_process(const JoinPlan& join, uint64_t more_flags, int* pidfd, uint64_t exit_signal);
[[noreturn]] void join_and_clone(const JoinPlan& join, const Plan& plan);

} // namespace fairlead::inside
