// Hooks in the caller's namespaces, and the state they are told.
#include "runtime/hooks.hh"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json-text.hh"
#include "runtime/inside/hook.hh"
#include "runtime/prepared.hh"

namespace fairlead {

namespace {

Async<inside::Outcome> run_hook(Waiter& waiter, const inside::HookStep& hook, int state) {
  inside::RunningHook running;
  if (!running.start(hook, state, SIGCHLD))
    co_return inside::Outcome{.code = errno, .step = "start hook"};
  int come = 1;
  while (come == 1) {
    come = co_await waiter.readable(running.process.get(), running.output.get(),
                                    std::max<int64_t>(running.left_ms(), 0));
    if (come == 1) running.listen();
  }
  if (come < 0) kill(running.pid, SIGKILL);
  const int status = co_await waiter.ended(running.pid);
  running.listen(); // what is left; others may hold the pipe for ever
  co_return running.outcome(status, come < 0);
}

} // namespace

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

Async<Status> run_hooks(Waiter& waiter, const std::vector<Hook>& hooks, const std::string& state) {
  if (hooks.empty()) co_return Status{};
  const Fd file(memfd_create("state", MFD_CLOEXEC));
  if (!file) co_return fail("make state for hooks");
  if (write(file.get(), state.data(), state.size()) != static_cast<ssize_t>(state.size()))
    co_return fail("write state for hooks");
  Prepared storage;
  inside::List<inside::HookStep> steps;
  plan_hooks(hooks, {}, -1, steps, storage);
  for (const inside::HookStep& step : steps) {
    const inside::Outcome outcome = co_await run_hook(waiter, step, file.get());
    if (!outcome.good)
      co_return std::unexpected(Error{outcome.step, outcome.code, step.path, outcome.detail});
  }
  co_return Status{};
}

Status run_hooks(const std::vector<Hook>& hooks, const std::string& state) {
  BlockingWaiter waiter(Waiter::NO_LIMIT_MS / 2);
  return run_hooks(waiter, hooks, state).run();
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
