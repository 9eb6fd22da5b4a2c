// Hooks in the caller's namespaces, and the state they are told.
#pragma once
#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/async.hh"
#include "base/error.hh"
#include "base/waiter.hh"
#include "runtime/inside/plan.hh"
#include "runtime/spec.hh"

namespace fairlead {

struct Prepared;

// What hooks get on stdin, and `state` prints.
std::string state_json(const std::string& id, const std::string& bundle, const char* status,
                       pid_t pid,
                       const std::vector<std::pair<std::string, std::string>>& annotations);
// Runs hooks in the caller's namespaces, one after the other; stops at the first that fails. Each
// has its own time, but never more than the waiter's.
Async<Status> run_hooks(Waiter& waiter, const std::vector<Hook>& hooks, const std::string& state);
Status run_hooks(const std::vector<Hook>& hooks, const std::string& state);
// `env` is for hooks without one of their own, `directory` is where they run (-1: as the caller).
void plan_hooks(const std::vector<Hook>& hooks, const std::vector<std::string>& env, int directory,
                inside::List<inside::HookStep>& list, Prepared& out);

} // namespace fairlead
