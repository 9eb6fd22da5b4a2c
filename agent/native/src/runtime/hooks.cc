// Hooks in the caller's namespaces, and the state they are told.
#include "runtime/hooks.hh"

#include <sys/mman.h>
#include <unistd.h>

#include "base/json-text.hh"
#include "runtime/inside/hook.hh"
#include "runtime/prepared.hh"

namespace fairlead {

std::string state_json(const std::string& id, const std::string& bundle, const char* status,
                       pid_t pid,
                       const std::vector<std::pair<std::string, std::string>>& annotations) {
  std::string out = "{\"ociVersion\":\"1.3.0\",\"id\":" + quoted(id) + ",\"status\":\"" + status +
                    "\",\"pid\":" + std::to_string(pid) + ",\"bundle\":" + quoted(bundle) +
                    ",\"annotations\":{";
  for (size_t i = 0; i < annotations.size(); ++i)
    out += (i == 0 ? "" : ",") + quoted(annotations[i].first) + ":" + quoted(annotations[i].second);
  return out + "}}";
}

Status run_hooks(const std::vector<Hook>& hooks, const std::string& state) {
  if (hooks.empty()) return {};
  const Fd file(memfd_create("state", MFD_CLOEXEC));
  if (!file) return fail("make state for hooks");
  if (write(file.get(), state.data(), state.size()) != static_cast<ssize_t>(state.size()))
    return fail("write state for hooks");
  Prepared storage;
  inside::List<inside::HookStep> steps;
  plan_hooks(hooks, {}, -1, steps, storage);
  for (const inside::HookStep& step : steps) {
    inside::Outcome outcome = inside::call_hook(step, file.get());
    if (!outcome.good)
      return std::unexpected(Error{outcome.step, outcome.code, step.path, outcome.detail});
  }
  return {};
}

void plan_hooks(const std::vector<Hook>& hooks, const std::vector<std::string>& env, int directory,
                inside::List<inside::HookStep>& list, Prepared& out) {
  if (hooks.empty()) return;
  std::vector<inside::HookStep>& steps = out.hooks.emplace_back();
  for (const Hook& hook : hooks)
    steps.push_back({out.text(hook.path), out.list(hook.args), out.list(hook.env.value_or(env)),
                     hook.timeout_s, directory});
  list = list_of(steps);
}

} // namespace fairlead
