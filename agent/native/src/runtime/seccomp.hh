// Seccomp filters: from a profile to the kernel's program, with a cache of compiled ones.
#pragma once
#include <linux/filter.h>

#include <string>
#include <vector>

#include "base/error.hh"
#include "runtime/spec.hh"

namespace fairlead {

using Filter = std::vector<sock_filter>;

// Compiles a profile. Names that no table knows are left out: their calls get ENOSYS.
Result<Filter> compile_filter(const Seccomp& profile);

// The same through RUN/seccomp (root's, 0700); compiling Docker's profile takes 9 ms, reading it
// 0.1 ms. An entry holds its whole profile, so a hash that collides cannot exchange two.
Result<Filter> cached_filter(const Seccomp& profile, const std::string& run_dir);

// Puts in front: answers for calls newer than the compiler knows. What the profile allows by name
// passes; what is newer than every call the profile names gets ENOSYS, so that a C library falls
// back instead of taking EPERM for an answer.
void add_newer_calls(const Seccomp& profile, Filter& filter);

} // namespace fairlead
