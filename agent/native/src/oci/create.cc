// The commands create, run and start.
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hh"
#include "base/rfc3339.hh"
#include "oci/command.hh"
#include "oci/placement.hh"
#include "oci/user.hh"
#include "runtime/create.hh"
#include "runtime/hooks.hh"
#include "runtime/launch.hh"
#include "runtime/seal.hh"

namespace fairlead {

namespace {

constexpr std::initializer_list<Flag> FLAGS = {{"bundle", 'b', true},
                                               {"console-socket", '\0', true},
                                               {"pid-file", '\0', true},
                                               {"pidfd-socket", '\0', true},
                                               {"no-pivot"},
                                               {"no-new-keyring"},
                                               {"preserve-fds", '\0', true},
                                               {"detach", 'd'},
                                               {"keep"},
                                               {"config", 'f', true},
                                               {"no-subreaper"}};

struct Making {
  Spec spec;
  std::string config;
  CreateOptions options;
  std::string console_socket, pid_file, pidfd_socket;
  bool detach = false, keep = false, at_once = false, subreaper = true;
  uid_t owner = getuid();
};

Result<Making> read_making(const Call& call) {
  const auto arguments = call.read(FLAGS, 1, 1);
  if (!arguments) return std::unexpected(arguments.error());
  Making making;
  char bundle[PATH_MAX];
  const std::string given = arguments->value("bundle", ".");
  if (realpath(given.c_str(), bundle) == nullptr) return fail("open bundle", given);
  making.options.bundle = bundle;
  auto text = read_file(arguments->value("config", making.options.bundle + "/config.json"));
  if (!text) return std::unexpected(text.error());
  auto spec = parse_spec_text(*text);
  if (!spec) return std::unexpected(spec.error());
  making.spec = std::move(*spec);
  making.config = std::move(*text);
  making.options.id = arguments->rest[0];
  making.options.run_dir = call.store.root();
  making.options.no_pivot = arguments->has("no-pivot");
  making.options.no_new_keyring = arguments->has("no-new-keyring");
  const auto preserved = arguments->count("preserve-fds");
  if (!preserved) return std::unexpected(preserved.error());
  making.options.preserve_fds = *preserved;
  const bool terminal = making.spec.process && making.spec.process->terminal;
  making.options.stdio = terminal ? Stdio{} : Stdio{.in = 0, .out = 1, .err = 2};
  making.options.stdio.terminal = terminal;
  making.console_socket = arguments->value("console-socket");
  // As with runc: in the foreground the caller's terminal adds them, and a file gets none.
  making.options.stdio.plain_newlines = terminal && making.console_socket.empty();
  making.pid_file = arguments->value("pid-file");
  making.pidfd_socket = arguments->value("pidfd-socket");
  making.detach = arguments->has("detach");
  making.keep = arguments->has("keep");
  making.subreaper = !arguments->has("no-subreaper");
  for (const std::string& warning : making.spec.warnings) call.warn(warning);
  return making;
}

// systemd's socket activation counts as well (sd_listen_fds(3)).
Status take_descriptors(Making& making) {
  const char* count = getenv("LISTEN_FDS");
  if (count != nullptr && making.spec.process) {
    const auto listening = parse_count("LISTEN_FDS", count);
    if (!listening) return std::unexpected(listening.error());
    making.options.preserve_fds += *listening;
    making.spec.process->env.push_back(std::string("LISTEN_FDS=") + count);
    making.spec.process->env.emplace_back("LISTEN_PID=1");
  }
  return check_preserved(making.options.preserve_fds);
}

Status hand_over(const Making& making, const Created& created) {
  if (created.console_master && !making.console_socket.empty()) {
    if (Status done = send_console(making.console_socket, created.console_master.get()); !done)
      return done;
  }
  if (!making.pidfd_socket.empty()) {
    if (Status done = send_console(making.pidfd_socket, created.pidfd.get()); !done) return done;
  }
  return making.pid_file.empty() ? Status{} : write_pid_file(making.pid_file, created.pid);
}

// Whether nobody has anything to do between the setting up of the container and its start.
bool can_start_at_once(const Making& making) {
  const Hooks& hooks = making.spec.hooks;
  const bool hooked = !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
                      !hooks.create_container.empty() || !hooks.start_container.empty() ||
                      !hooks.poststart.empty() || !hooks.poststop.empty();
  const bool awaited =
      !making.console_socket.empty() || !making.pid_file.empty() || !making.pidfd_socket.empty();
  return !hooked && !awaited && !(making.spec.seccomp && making.spec.seccomp->notify);
}

// A failure undoes everything, so the same id can be tried again.
Result<Created> make(const Call& call, Making& making, Record& record) {
  const std::string& id = making.options.id;
  auto placement = place(call, making.spec, id);
  if (!placement) return std::unexpected(placement.error());
  if (Status done = call.store.reserve(id); !done) return std::unexpected(done.error());
  record = {id,
            making.options.bundle,
            now_rfc3339(),
            placement->cgroup,
            placement->unit,
            call.rootless,
            0,
            0,
            making.owner};
  making.options.enter_cgroup = std::move(placement->enter);
  if (cgroup_of(record).frozen()) { // what enters it would never end its setting up
    (void)call.store.remove(id);
    return refuse("create", "its cgroup exists and is frozen", record.cgroup);
  }
  Status done = call.store.keep_config(id, making.config);
  if (done) done = call.store.save(record);
  Fd listener;
  if (done && making.options.listener == 0) {
    auto made = call.store.listen(id);
    if (made) listener = std::move(*made);
    else done = std::unexpected(made.error());
    making.options.listener = listener.get();
  }
  const auto note = [&](pid_t pid) {
    record.pid = pid;
    record.birth = birth_of(pid);
    return call.store.save(record);
  };
  if (making.at_once) making.options.at_once = note;
  Result<Created> created = std::unexpected(Error{});
  if (done) {
    created = create(making.spec, cgroup_of(record), making.options);
    if (!created) done = std::unexpected(created.error());
  }
  if (done) {
    for (const std::string& warning : created->warnings) call.warn(warning);
    if (!making.at_once) done = note(created->pid);
    if (done) done = hand_over(making, *created);
    if (done) return created;
    end_process(created->pid);
    (void)cgroup_of(record).destroy();
  }
  if (!record.unit.empty()) (void)end_cgroup(record);
  (void)call.store.remove(id);
  return std::unexpected(done.error());
}

Status check_terminal(const Making& making, bool detached) {
  const bool terminal = making.options.stdio.terminal;
  if (terminal && detached && making.console_socket.empty())
    return refuse("create", "a terminal needs --console-socket here");
  if (!terminal && !making.console_socket.empty())
    return refuse("create", "--console-socket is for a process with a terminal");
  return {};
}

} // namespace

Result<int> create_command(const Call& call) {
  if (Status done = seal_binary(call.argv); !done) return std::unexpected(done.error());
  auto making = read_making(call);
  if (!making) return std::unexpected(making.error());
  Status done = check_terminal(*making, true);
  if (done) done = take_descriptors(*making);
  if (done) done = become_root(making->spec);
  if (!done) return std::unexpected(done.error());
  making->options.listener = 0; // make() puts the real one here
  Record record;
  const auto created = make(call, *making, record);
  if (!created) return std::unexpected(created.error());
  return 0;
}

Result<int> run_command(const Call& call) {
  if (Status done = seal_binary(call.argv); !done) return std::unexpected(done.error());
  auto making = read_making(call);
  if (!making) return std::unexpected(making.error());
  if (!making->spec.process) return refuse("run", "the configuration has no process");
  Status done = check_terminal(*making, making->detach);
  if (done) done = take_descriptors(*making);
  if (done) done = become_root(making->spec);
  if (!done) return std::unexpected(done.error());
  if (!making->detach && making->subreaper) prctl(PR_SET_CHILD_SUBREAPER, 1);
  Record record;
  making->at_once = can_start_at_once(*making);
  auto created = make(call, *making, record);
  if (!created) return std::unexpected(created.error());
  if (Status done = start(*created); !done) {
    end_process(created->pid);
    (void)delete_container(call, record, &making->spec);
    return std::unexpected(done.error());
  }
  if (making->detach) return 0;
  const int status = attend_process(created->pid, created->console_master.get());
  if (!making->keep) {
    if (Status done = delete_container(call, record, &making->spec); !done)
      return std::unexpected(done.error());
  }
  return status;
}

Result<int> start_command(const Call& call) {
  const auto arguments = call.read({}, 1, 1);
  if (!arguments) return std::unexpected(arguments.error());
  const auto record = call.store.load(arguments->rest[0]);
  if (!record) return std::unexpected(record.error());
  const std::string status = status_of(call.store, *record);
  if (status != "created")
    return refuse("start", "the container is " + status + ", not created", record->id);
  const auto spec = call.store.config(record->id);
  if (!spec) return std::unexpected(spec.error());
  auto channel = call.store.connect(record->id);
  if (!channel) return std::unexpected(channel.error());
  call.store.stop_waiting(record->id);
  Created created;
  created.pid = record->pid;
  created.channel = std::move(*channel);
  created.id = record->id;
  created.bundle = record->bundle;
  created.poststart = spec->hooks.poststart;
  created.annotations = spec->annotations;
  if (spec->seccomp) {
    created.listener_path = spec->seccomp->listener_path;
    created.listener_metadata = spec->seccomp->listener_metadata;
  }
  if (Status done = start(created); !done) return std::unexpected(done.error());
  return 0;
}

} // namespace fairlead
