// Further processes in a running container.
#include "runtime/exec.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/cgroup.hh"
#include "runtime/identity-plan.hh"
#include "runtime/launch.hh"
#include "runtime/namespaces.hh"
#include "runtime/prepared.hh"
#include "runtime/stdio.hh"
#include "runtime/user-namespace.hh"

namespace fairlead {

namespace {

int namespace_types(const Spec& container) {
  int types = 0;
  for (const Namespace& space : container.namespaces) types |= space.type;
  return types;
}

Status plan_join(const Spec& container, pid_t init, Fd cgroup, Prepared& out,
                 inside::JoinPlan& join) {
  Fd handle(static_cast<int>(syscall(SYS_pidfd_open, init, 0)));
  if (!handle) return fail("open container's process", std::to_string(init));
  join.init = out.hold(std::move(handle));
  join.init_types = namespace_types(container);
  if (!has_namespace(container, CLONE_NEWNS)) {
    const std::string path = "/proc/" + std::to_string(init) + "/root";
    Fd root(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail("open root", path);
    join.root = out.hold(std::move(root));
  }
  if (cgroup) join.cgroup = out.hold(std::move(cgroup));
  return {};
}

Status plan_entrances(const Cgroup& cgroup, Prepared& out, inside::JoinPlan& join) {
  auto entrances = cgroup.entrances_v1();
  if (!entrances) return std::unexpected(entrances.error());
  for (Fd& entrance : *entrances) out.entrances.push_back(out.hold(std::move(entrance)));
  join.entrances = list_of(out.entrances);
  return {};
}

const void* processor_set(const std::vector<bool>& processors, Prepared& out) {
  if (processors.empty()) return nullptr;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (size_t cpu = 0; cpu < processors.size(); ++cpu)
    if (processors[cpu]) CPU_SET(cpu, &set);
  return out.texts.emplace_back(reinterpret_cast<const char*>(&set), sizeof set).data();
}

} // namespace

Async<Result<Process>> exec(Waiter& waiter, const Spec& container, const Cgroup& cgroup, pid_t init,
                            const ProcessSpec& process, const Stdio& stdio,
                            const ExecOptions& options) {
  ProcessSpec wanted = process;
  if (!wanted.capabilities && container.process)
    wanted.capabilities = container.process->capabilities;
  if (!wanted.oom_score_adj && container.process)
    wanted.oom_score_adj = container.process->oom_score_adj;
  Prepared prepared;
  inside::JoinPlan join;
  Fd directory = options.enter_cgroup ? Fd() : cgroup.directory();
  Status done = plan_join(container, init, std::move(directory), prepared, join);
  prepared.plan.wait_for_start = true;
  prepared.plan.user_namespace = has_namespace(container, CLONE_NEWUSER);
  prepared.plan.identity.kept_fds = options.preserve_fds;
  if (done) done = plan_entrances(cgroup, prepared, join);
  if (done) done = plan_stdio(stdio, wanted.terminal || stdio.terminal, prepared);
  if (done)
    done =
        plan_identity(wanted, container, options.run_dir, prepared.plan.user_namespace, prepared);
  if (!done) co_return std::unexpected(done.error());
  if (prepared.groups.empty() && groups_are_fixed(init)) prepared.plan.identity.set_groups = false;
  join.processors = processor_set(wanted.affinity_initial, prepared);
  prepared.plan.identity.any_processor = wanted.affinity_initial.empty();
  prepared.plan.identity.processors = processor_set(wanted.affinity_final, prepared);
  Duties duties;
  duties.on_clone = [&](pid_t pid, int) -> Status {
    return options.enter_cgroup ? options.enter_cgroup(pid) : Status{};
  };
  duties.on_ready = [&](pid_t pid) { return adjust_oom_score(pid, wanted); };
  duties.death_counts = true;
  auto launched = co_await launch(waiter, prepared, join, true, duties);
  if (!launched) co_return std::unexpected(launched.error());
  Listener listener;
  if (container.seccomp && container.seccomp->notify) {
    listener.path = container.seccomp->listener_path;
    listener.state = process_state_json(launched->pid, container.seccomp->listener_metadata,
                                        options.state.empty() ? "{}" : options.state);
  }
  if (!launched->dead)
    done = co_await release(waiter, launched->channel.get(), launched->pid, listener);
  if (!done) {
    co_await end_process(waiter, launched->pid);
    co_return std::unexpected(done.error());
  }
  co_return Process{launched->pid, std::move(launched->pidfd), std::move(launched->console)};
}

Result<Process> exec(const Spec& container, const Cgroup& cgroup, pid_t init,
                     const ProcessSpec& process, const Stdio& stdio, const ExecOptions& options) {
  BlockingWaiter waiter(LAUNCH_MS);
  return exec(waiter, container, cgroup, init, process, stdio, options).run();
}

} // namespace fairlead
