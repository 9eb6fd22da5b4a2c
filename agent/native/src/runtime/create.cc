// Creating and starting of containers.
#include "runtime/create.hh"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.hh"
#include "runtime/cgroup.hh"
#include "runtime/hooks.hh"
#include "runtime/identity-plan.hh"
#include "runtime/idmap.hh"
#include "runtime/inside/report.hh"
#include "runtime/launch.hh"
#include "runtime/mount-plan.hh"
#include "runtime/namespaces.hh"
#include "runtime/net-devices.hh"
#include "runtime/prepared.hh"
#include "runtime/root-plan.hh"
#include "runtime/stdio.hh"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace fairlead {

namespace {

constexpr int FOR_CHILDREN = CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWTIME;

Status check_spec(const Spec& spec, const CreateOptions& options) {
  if (spec.process && spec.process->terminal && options.stdio.in >= 0)
    return refuse("create", "a terminal and descriptors for stdio exclude each other");
  if (!spec.hostname.empty() && !has_namespace(spec, CLONE_NEWUTS))
    return refuse("create", "a hostname needs a uts namespace");
  if (!spec.domainname.empty() && !has_namespace(spec, CLONE_NEWUTS))
    return refuse("create", "a domainname needs a uts namespace");
  if (makes_namespace(spec, CLONE_NEWUSER) && (spec.uid_maps.empty() || spec.gid_maps.empty()))
    return refuse("create", "a user namespace needs uidMappings and gidMappings");
  if (!has_namespace(spec, CLONE_NEWUSER) && !(spec.uid_maps.empty() && spec.gid_maps.empty()))
    return refuse("create", "id mappings need a user namespace");
  if (!spec.time_offsets.empty() && !makes_namespace(spec, CLONE_NEWTIME))
    return refuse("create", "time offsets need a new time namespace");
  if (!spec.net_devices.empty() && !has_namespace(spec, CLONE_NEWNET))
    return refuse("create", "linux.netDevices needs a network namespace");
  return {};
}

struct Namespaces {
  std::vector<Fd> fds;
  std::vector<inside::Join> joins;
  std::string offsets;
  bool through_joiner = false;
};

// The user namespace comes last: what was opened with the host's rights is joined with them.
Status plan_namespaces(const Spec& spec, Namespaces& out, inside::JoinPlan& join) {
  int user = -1;
  for (const Namespace& space : spec.namespaces) {
    if (space.path.empty()) {
      if (space.type == CLONE_NEWTIME) join.new_time = true;
      else if (space.type != CLONE_NEWCGROUP) join.clone_flags |= static_cast<unsigned>(space.type);
      continue;
    }
    Fd fd(open(space.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail("open namespace", space.path);
    if (space.type == CLONE_NEWUSER) user = fd.get();
    else out.joins.push_back({space.type, fd.get()});
    if ((space.type & FOR_CHILDREN) != 0 || has_namespace(spec, CLONE_NEWUSER))
      out.through_joiner = true;
    out.fds.push_back(std::move(fd));
  }
  if (user >= 0) out.joins.push_back({CLONE_NEWUSER, user});
  out.through_joiner = out.through_joiner || join.new_time;
  for (const TimeOffset& offset : spec.time_offsets)
    out.offsets += offset.clock + " " + std::to_string(offset.seconds) + " " +
                   std::to_string(offset.nanoseconds) + "\n";
  if (!out.offsets.empty()) join.time_offsets = out.offsets.c_str();
  return {};
}

// Hooks of the container's namespaces have the process's environment unless they bring one, as with
// runc, and those from the host begin in the bundle.
Status plan_inner_hooks(const Spec& spec, const std::string& bundle, Prepared& out) {
  inside::Plan& plan = out.plan;
  const Hooks& hooks = spec.hooks;
  plan.runtime_hooks = !hooks.prestart.empty() || !hooks.create_runtime.empty();
  if (hooks.create_container.empty() && hooks.start_container.empty()) return {};
  const std::vector<std::string> env =
      spec.process ? spec.process->env : std::vector<std::string>{};
  if (!hooks.create_container.empty()) {
    Fd directory(open(bundle.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return fail("open bundle", bundle);
    const int number = out.hold(std::move(directory));
    plan_hooks(hooks.create_container, env, number, plan.create_container, out);
  }
  plan_hooks(hooks.start_container, env, -1, plan.start_container, out);
  plan.hook_state = out.hold(Fd(memfd_create("state", MFD_CLOEXEC)));
  plan.wait_for_parent = true;
  return {};
}

Status plan_settings(const Spec& spec, const CreateOptions& options, Prepared& out) {
  inside::Plan& plan = out.plan;
  if (!spec.hostname.empty()) plan.hostname = out.text(spec.hostname);
  if (!spec.domainname.empty()) plan.domainname = out.text(spec.domainname);
  plan.wait_for_maps = makes_namespace(spec, CLONE_NEWUSER);
  plan.user_namespace = has_namespace(spec, CLONE_NEWUSER);
  plan.loopback = makes_namespace(spec, CLONE_NEWNET);
  plan.unshare = makes_namespace(spec, CLONE_NEWCGROUP) ? CLONE_NEWCGROUP : 0;
  plan.wait_for_start = !options.at_once;
  plan.listener = options.listener;
  plan.identity.kept_fds = options.preserve_fds;
  plan.identity.new_keyring = !options.no_new_keyring;
  plan.identity.any_processor = true;
  plan.identity.keyring = out.text("_ses." + options.id);
  if (Status done = plan_inner_hooks(spec, options.bundle, out); !done) return done;
  return plan_sysctls(spec, out);
}

// The v1 groups are made while the process sets itself up; it enters them when it is done, or for
// a cgroup namespace before that is made.
void plan_cgroup_entry(const Spec& spec, const CreateOptions& options, const Cgroup& cgroup,
                       Prepared& out, inside::JoinPlan& join) {
  const bool moved = options.enter_cgroup != nullptr;
  Fd directory = moved ? Fd() : cgroup.directory();
  if (directory) join.cgroup = out.hold(std::move(directory));
  const auto& all = cgroup_hierarchies();
  const bool only_v2 = all.size() == 1 && all[0].unified;
  // To one that starts at once the groups, be there none, also say that its parent is done.
  out.plan.enter_groups = options.at_once || (!moved && !only_v2);
  if (moved && makes_namespace(spec, CLONE_NEWCGROUP)) out.plan.wait_for_parent = true;
}

Status prepare(const Spec& spec, const CreateOptions& options, const Cgroup& cgroup, Prepared& out,
               inside::JoinPlan& join) {
  if (Status done = plan_settings(spec, options, out); !done) return done;
  plan_cgroup_entry(spec, options, cgroup, out, join);
  if (Status done = plan_root(spec, options, out); !done) return done;
  if (Status done = plan_mounts(spec, cgroup, options.bundle, out); !done) return done;
  const ProcessSpec process = spec.process.value_or(ProcessSpec{}); // start will refuse it
  Stdio stdio = options.stdio;
  if (stdio.rows == 0 && stdio.cols == 0) {
    stdio.rows = process.rows;
    stdio.cols = process.cols;
  }
  if (Status done = plan_stdio(stdio, process.terminal, out); !done) return done;
  return plan_identity(process, spec, options.run_dir, out.plan.user_namespace, out);
}

Status write_state(int file, const std::string& state) {
  if (file < 0) return {};
  const ssize_t done = pwrite(file, state.data(), state.size(), 0);
  return done == static_cast<ssize_t>(state.size()) ? Status{} : fail("write state for hooks");
}

std::string network_of(const Spec& spec, pid_t pid) {
  for (const Namespace& space : spec.namespaces)
    if (space.type == CLONE_NEWNET && !space.path.empty()) return space.path;
  return "/proc/" + std::to_string(pid) + "/ns/net";
}

Status send_trees(const Prepared& prepared, int channel, int first) {
  int left = 0;
  for (const inside::MountStep& step : prepared.mounts)
    if (step.act == inside::Act::tree && step.number == first) left = step.wanted;
  for (auto number = static_cast<size_t>(first); left > 0; --left, ++number) {
    const auto tree = open_bind(prepared.binds[number]);
    if (!tree) return std::unexpected(tree.error());
    const int fd = tree->fd.get();
    if (inside::send_word(channel, inside::Word::tree, tree->bits, {&fd, 1})) continue;
    // A process that has ended already has left its reason on the channel.
    return errno == EPIPE ? Status{} : fail("send bind mount", prepared.binds[number].source);
  }
  return {};
}

Status make_groups(pid_t pid, const Spec& spec, const CreateOptions& options,
                   const Cgroup& cgroup) {
  if (options.enter_cgroup) {
    if (Status done = options.enter_cgroup(pid); !done) return done;
    if (Status done = cgroup.create(spec.resources); !done) return done;
    return cgroup.attach(pid);
  }
  return cgroup.create_v1(spec.resources);
}

Status send_groups(const CreateOptions& options, const Cgroup& cgroup, int channel) {
  const auto entrances = options.enter_cgroup ? Result<std::vector<Fd>>{} : cgroup.entrances_v1();
  if (!entrances) return std::unexpected(entrances.error());
  std::vector<int> fds;
  for (const Fd& entrance : *entrances) fds.push_back(entrance.get());
  if (inside::send_word(channel, inside::Word::groups, 0, fds) || errno == EPIPE) return {};
  return fail("send cgroups", cgroup.path());
}

Async<Status> run_runtime_hooks(Waiter& waiter, const Hooks& hooks, std::string state) {
  const Status done = co_await run_hooks(waiter, hooks.prestart, state);
  if (!done) co_return done;
  co_return co_await run_hooks(waiter, hooks.create_runtime, state);
}

Duties duties_of(const Spec& spec, const CreateOptions& options, const Cgroup& cgroup,
                 const Prepared& prepared, int hook_state) {
  // Hooks run after the second step of the lifecycle, which makes the status "created".
  const auto state = [&spec, &options](pid_t pid) {
    return state_json(options.id, options.bundle, "created", pid, spec.annotations);
  };
  Duties duties;
  duties.on_clone = [&](pid_t pid, int channel) -> Status {
    if (Status done = make_groups(pid, spec, options, cgroup); !done) return done;
    if (Status done = move_net_devices(spec.net_devices, network_of(spec, pid)); !done) return done;
    if (options.at_once)
      if (Status done = adjust_oom_score(pid, *spec.process); !done) return done;
    return prepared.plan.enter_groups ? send_groups(options, cgroup, channel) : Status{};
  };
  duties.on_request = [&, state, hook_state](pid_t pid) -> Status {
    if (makes_namespace(spec, CLONE_NEWUSER)) {
      if (Status done = write_id_maps(pid, spec.uid_maps, spec.gid_maps); !done) return done;
      if (Status done = raise_limits(pid, prepared); !done) return done;
    }
    return write_state(hook_state, state(pid));
  };
  duties.on_hooks = [&, state](Waiter& waiter, pid_t pid) {
    return run_runtime_hooks(waiter, spec.hooks, state(pid));
  };
  duties.on_trees = [&](int channel, int first) { return send_trees(prepared, channel, first); };
  duties.on_ready = [&](pid_t pid) {
    if (options.at_once) return options.at_once(pid);
    return spec.process ? adjust_oom_score(pid, *spec.process) : Status{};
  };
  return duties;
}

} // namespace

Async<Result<Created>> create(Waiter& waiter, const Spec& spec, const Cgroup& cgroup,
                              const CreateOptions& options) {
  if (Status done = check_spec(spec, options); !done) co_return std::unexpected(done.error());
  Prepared prepared;
  Namespaces namespaces;
  inside::JoinPlan join;
  Status done = plan_namespaces(spec, namespaces, join);
  if (done && !options.enter_cgroup) done = cgroup.create_v2(spec.resources);
  if (done) done = prepare(spec, options, cgroup, prepared, join);
  Result<Launched> launched = std::unexpected(Error{});
  if (done) {
    for (Fd& fd : namespaces.fds) prepared.hold(std::move(fd));
    if (namespaces.through_joiner) join.joins = list_of(namespaces.joins);
    else prepared.joins = namespaces.joins;
    // The file stays reachable here after launch has let go of the plan's descriptors.
    const Fd hook_state(dup(prepared.plan.hook_state));
    const Duties duties = duties_of(spec, options, cgroup, prepared, hook_state.get());
    launched = co_await launch(waiter, prepared, join, namespaces.through_joiner, duties);
    if (!launched) done = std::unexpected(launched.error());
  }
  if (!done) {
    (void)co_await destroy(waiter, cgroup);
    co_return std::unexpected(done.error());
  }
  Created out;
  out.pid = launched->pid;
  out.pidfd = std::move(launched->pidfd);
  out.console_master = std::move(launched->console);
  if (!options.at_once) out.channel = std::move(launched->channel);
  out.id = options.id;
  out.bundle = options.bundle;
  out.poststart = spec.hooks.poststart;
  out.annotations = spec.annotations;
  if (spec.seccomp) {
    out.listener_path = spec.seccomp->listener_path;
    out.listener_metadata = spec.seccomp->listener_metadata;
  }
  out.warnings = std::move(prepared.warnings);
  co_return out;
}

Result<Created> create(const Spec& spec, const Cgroup& cgroup, const CreateOptions& options) {
  BlockingWaiter waiter(LAUNCH_MS);
  return create(waiter, spec, cgroup, options).run();
}

Async<Status> start(Waiter& waiter, Created& created) {
  if (!created.channel) co_return Status{};
  const Listener listener{created.listener_path,
                          process_state_json(created.pid, created.listener_metadata,
                                             state_json(created.id, created.bundle, "created",
                                                        created.pid, created.annotations))};
  const Fd channel = std::move(created.channel);
  Status done = co_await release(waiter, channel.get(), created.pid, listener);
  if (!done || created.poststart.empty()) co_return done;
  const std::string state =
      state_json(created.id, created.bundle, "running", created.pid, created.annotations);
  done = co_await run_hooks(waiter, created.poststart, state);
  if (!done) kill(created.pid, SIGKILL); // runtime-spec 1.3: a failed poststart hook stops it
  co_return done;
}

Status start(Created& created) {
  BlockingWaiter waiter(LAUNCH_MS);
  return start(waiter, created).run();
}

} // namespace fairlead
