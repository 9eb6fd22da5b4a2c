// The command exec: a further process in a running container.
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hh"
#include "oci/command.hh"
#include "oci/placement.hh"
#include "runtime/exec.hh"
#include "runtime/hooks.hh"
#include "runtime/names.hh"
#include "runtime/relative-path.hh"
#include "runtime/seal.hh"

namespace fairlead {

namespace {

constexpr std::initializer_list<Flag> FLAGS = {{"process", 'p', true},
                                               {"detach", 'd'},
                                               {"tty", 't'},
                                               {"pid-file", '\0', true},
                                               {"console-socket", '\0', true},
                                               {"pidfd-socket", '\0', true},
                                               {"cwd", '\0', true},
                                               {"env", 'e', true, true},
                                               {"user", 'u', true},
                                               {"cap", 'c', true, true},
                                               {"no-new-privs"},
                                               {"preserve-fds", '\0', true},
                                               {"ignore-paused"},
                                               {"additional-gids", 'g', true, true},
                                               {"cgroup", '\0', true},
                                               {"apparmor", '\0', true},
                                               {"process-label", '\0', true}};

// Whatever follows the id belongs to the command to run, also words with dashes.
Result<Arguments> read_words(const Call& call) {
  size_t at = 0;
  auto arguments = parse_arguments(call.words, at, FLAGS, true);
  if (!arguments) return arguments;
  arguments->rest.assign(call.words.begin() + static_cast<long>(at), call.words.end());
  if (arguments->has("help")) call.help(FLAGS);
  if (arguments->rest.empty()) return refuse("read options", "a container id is missing");
  if (arguments->rest.size() > 1 && arguments->rest[1] == "--")
    arguments->rest.erase(arguments->rest.begin() + 1);
  return arguments;
}

Status apply_user(const std::string& text, ProcessSpec& process) {
  char* end = nullptr;
  process.uid = static_cast<uid_t>(strtoul(text.c_str(), &end, 10));
  process.gid = 0;
  process.groups.clear();
  if (*end == ':' && end[1] != '\0') process.gid = static_cast<gid_t>(strtoul(end + 1, &end, 10));
  return *end == '\0' && !text.empty() ? Status{}
                                       : refuse("read user", "must be UID[:GID] in numbers", text);
}

Status apply_flags(const Call& call, const Arguments& arguments, ProcessSpec& process) {
  if (arguments.has("user"))
    if (Status done = apply_user(arguments.value("user"), process); !done) return done;
  if (arguments.has("tty")) process.terminal = true;
  if (arguments.has("cwd")) process.cwd = arguments.value("cwd");
  if (arguments.has("no-new-privs")) process.no_new_privileges = true;
  if (arguments.has("apparmor")) process.apparmor_profile = arguments.value("apparmor");
  if (arguments.has("process-label")) process.selinux_label = arguments.value("process-label");
  for (const std::string& entry : arguments.all("env")) process.env.push_back(entry);
  for (const std::string& gid : arguments.all("additional-gids"))
    process.groups.push_back(static_cast<gid_t>(strtoul(gid.c_str(), nullptr, 10)));
  if (arguments.has("cap")) {
    Capabilities caps = process.capabilities.value_or(Capabilities{});
    for (const std::string& name : arguments.all("cap")) {
      const auto number = capability_number(name);
      if (!number) {
        call.warn("unknown capability " + name + " is left out");
        continue;
      }
      const uint64_t bit = uint64_t{1} << static_cast<unsigned>(*number);
      caps.bounding |= bit;
      caps.effective |= bit;
      caps.permitted |= bit;
    }
    process.capabilities = caps;
  }
  return {};
}

// An existing group below the container's.
Result<Cgroup> wanted_cgroup(const Arguments& arguments, const Record& record) {
  Cgroup whole = cgroup_of(record);
  const std::string below = relative_inside(arguments.value("cgroup"));
  if (below.empty()) return whole;
  if (below.contains(':'))
    return refuse("read options", "--cgroup takes a path for all controllers, not one's own",
                  below);
  Cgroup part = Cgroup::at(whole.path() + "/" + below, whole.where_allowed());
  for (const Hierarchy& hierarchy : cgroup_hierarchies()) {
    const std::string path = hierarchy.mount + part.path();
    if (access(path.c_str(), F_OK) < 0) return fail("open cgroup", path);
  }
  return part;
}

Result<ProcessSpec> wanted_process(const Call& call, const Arguments& arguments, const Spec& spec) {
  if (arguments.has("process")) {
    const auto text = read_file(arguments.value("process"));
    if (!text) return std::unexpected(text.error());
    return parse_process(*text);
  }
  if (arguments.rest.size() < 2) return refuse("read options", "a command is missing");
  ProcessSpec process = spec.process.value_or(ProcessSpec{});
  process.terminal = false;
  process.args.assign(arguments.rest.begin() + 1, arguments.rest.end());
  if (Status done = apply_flags(call, arguments, process); !done)
    return std::unexpected(done.error());
  return process;
}

} // namespace

Result<int> exec_command(const Call& call) {
  if (Status done = seal_binary(call.argv); !done) return std::unexpected(done.error());
  const auto arguments = read_words(call);
  if (!arguments) return std::unexpected(arguments.error());
  const auto preserved = arguments->count("preserve-fds");
  if (!preserved) return std::unexpected(preserved.error());
  if (Status done = check_preserved(*preserved); !done) return std::unexpected(done.error());
  const auto record = call.store.load(arguments->rest[0]);
  if (!record) return std::unexpected(record.error());
  const std::string status = status_of(call.store, *record);
  const bool paused = status == "paused" && arguments->has("ignore-paused");
  if (status != "running" && status != "created" && !paused)
    return refuse("exec", "the container is " + status, record->id);
  const auto spec = call.store.config(record->id);
  if (!spec) return std::unexpected(spec.error());
  const auto process = wanted_process(call, *arguments, *spec);
  if (!process) return std::unexpected(process.error());
  const bool detach = arguments->has("detach");
  const std::string console = arguments->value("console-socket");
  if (process->terminal && detach && console.empty())
    return refuse("exec", "a terminal needs --console-socket here");
  if (!detach) prctl(PR_SET_CHILD_SUBREAPER, 1);
  Stdio stdio = process->terminal ? Stdio{} : Stdio{.in = 0, .out = 1, .err = 2};
  stdio.terminal = process->terminal;
  stdio.rows = process->rows;
  stdio.cols = process->cols;
  stdio.plain_newlines = process->terminal && console.empty(); // as run does
  const std::string state =
      state_json(record->id, record->bundle, "running", record->pid, spec->annotations);
  const ExecOptions options{call.store.root(), *preserved, state, entrance_of(*record)};
  const auto cgroup = wanted_cgroup(*arguments, *record);
  if (!cgroup) return std::unexpected(cgroup.error());
  const auto made = exec(*spec, *cgroup, record->pid, *process, stdio, options);
  if (!made) return std::unexpected(made.error());
  if (made->console_master && !console.empty()) {
    if (Status done = send_console(console, made->console_master.get()); !done)
      return std::unexpected(done.error());
  }
  if (arguments->has("pidfd-socket")) {
    if (Status done = send_console(arguments->value("pidfd-socket"), made->pidfd.get()); !done)
      return std::unexpected(done.error());
  }
  if (arguments->has("pid-file")) {
    if (Status done = write_pid_file(arguments->value("pid-file"), made->pid); !done)
      return std::unexpected(done.error());
  }
  if (detach) return 0;
  return attend_process(made->pid, console.empty() ? made->console_master.get() : -1);
}

} // namespace fairlead
