// The commands state, kill, delete, pause and resume.
#include <regex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "oci/command.hh"
#include "oci/placement.hh"
#include "runtime/hooks.hh"
#include "runtime/names.hh"
#include "runtime/namespaces.hh"

namespace fairlead {

namespace {

Result<Record> named(const Call& call) {
  const auto read = call.read({}, 1, 1);
  if (!read) return std::unexpected(read.error());
  return call.store.load(read->rest[0]);
}

// The containers that a command is for: one by its id, or by crun's --regex those with such ids.
Result<std::vector<std::string>> chosen(const Call& call, const Arguments& arguments) {
  const std::string& word = arguments.rest[0];
  if (!arguments.has("regex")) return std::vector<std::string>{word};
  regex_t compiled;
  if (regcomp(&compiled, word.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
    return refuse("read options", "is not a regular expression", word);
  std::vector<std::string> found;
  for (const std::string& id : call.store.ids())
    if (regexec(&compiled, id.c_str(), 0, nullptr, 0) == 0) found.push_back(id);
  regfree(&compiled);
  return found;
}

// Without a pid namespace of the container's own the kernel does not end the other processes with
// the first one.
bool shares_processes(const Call& call, const Record& record) {
  const auto spec = call.store.config(record.id);
  return spec && !makes_namespace(*spec, CLONE_NEWPID);
}

Status send(const Record& record, int signal) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, record.pid, 0)));
  // The number may be another process's by now; the handle is of the one compared here.
  if (!handle || birth_of(record.pid) != record.birth)
    return refuse("kill", "the container is not running", record.id);
  if (syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0) < 0)
    return fail("kill", record.id);
  return {};
}

void wait_for_end(const Record& record) {
  for (int tries = 0; tries < 1000 && birth_of(record.pid) == record.birth; ++tries) {
    const timespec pause{0, tries < 50 ? 200'000 : 10'000'000};
    nanosleep(&pause, nullptr);
  }
}

} // namespace

Result<int> state_command(const Call& call) {
  const auto record = named(call);
  if (!record) return std::unexpected(record.error());
  const auto spec = call.store.config(record->id);
  if (!spec) return std::unexpected(spec.error());
  const std::string status = status_of(call.store, *record);
  const pid_t pid = status == "stopped" ? 0 : record->pid;
  std::string text = state_json(record->id, record->bundle, status.c_str(), pid, spec->annotations);
  std::puts(text.c_str());
  return 0;
}

static Status kill_container(const Call& call, const std::string& id, int signal, bool all) {
  const auto record = call.store.load(id);
  if (!record) return std::unexpected(record.error());
  const std::string status = status_of(call.store, *record);
  const Cgroup cgroup = cgroup_of(*record);
  if (all) return cgroup.kill_all(signal);
  if (signal == SIGKILL && shares_processes(call, *record)) {
    const auto left = cgroup.pids();
    if (left && !left->empty()) return cgroup.kill_all(signal);
  }
  if (status == "stopped" || status == "creating")
    return refuse("kill", "the container is " + status, record->id);
  if (Status done = send(*record, signal); !done) return done;
  // A frozen process on v1 would keep the signal until it is thawed.
  return status == "paused" && signal == SIGKILL ? cgroup.thaw() : Status{};
}

Result<int> kill_command(const Call& call) {
  const auto arguments = call.read({{"all", 'a'}, {"regex", 'r'}, {"signal", 's', true}}, 1, 2);
  if (!arguments) return std::unexpected(arguments.error());
  const std::string word =
      arguments->rest.size() > 1 ? arguments->rest[1] : arguments->value("signal", "TERM");
  // 0 is none, and only looks whether the process is there (kill(2)).
  const auto signal = word == "0" ? std::optional(0) : signal_number(word);
  if (!signal) return refuse("kill", "is not a signal", word);
  const auto ids = chosen(call, *arguments);
  if (!ids) return std::unexpected(ids.error());
  for (const std::string& id : *ids)
    if (Status done = kill_container(call, id, *signal, arguments->has("all")); !done)
      return std::unexpected(done.error());
  return 0;
}

Status delete_container(const Call& call, const Record& record, const Spec* spec) {
  if (Status done = end_cgroup(record); !done) return done;
  if (Status done = call.store.remove(record.id); !done) return done;
  if (spec == nullptr) return {};
  const std::string state = state_json(record.id, record.bundle, "stopped", 0, spec->annotations);
  for (const Hook& hook : spec->hooks.poststop) // a failure is logged, the next one runs
    if (Status done = run_hooks({hook}, state); !done) call.warn(describe(done.error()));
  return {};
}

static Status delete_by_id(const Call& call, const std::string& id, bool force) {
  const auto record = call.store.load(id);
  if (!record) {
    if (force && record.error().detail == "does not exist") return {};
    return std::unexpected(record.error());
  }
  const std::string status = status_of(call.store, *record);
  if (status != "stopped") {
    if (!force) return refuse("delete", "the container is " + status + ", not stopped", record->id);
    (void)send(*record, SIGKILL);
    if (status == "paused") (void)cgroup_of(*record).thaw();
    wait_for_end(*record);
  }
  const auto spec = call.store.config(record->id);
  return delete_container(call, *record, spec ? &*spec : nullptr);
}

Result<int> delete_command(const Call& call) {
  const auto arguments = call.read({{"force", 'f'}, {"regex", 'r'}}, 1, 1);
  if (!arguments) return std::unexpected(arguments.error());
  const auto ids = chosen(call, *arguments);
  if (!ids) return std::unexpected(ids.error());
  for (const std::string& id : *ids)
    if (Status done = delete_by_id(call, id, arguments->has("force")); !done)
      return std::unexpected(done.error());
  return 0;
}

static Result<int> change(const Call& call, const char* from, bool freeze) {
  const auto record = named(call);
  if (!record) return std::unexpected(record.error());
  const std::string status = status_of(call.store, *record);
  if (status != from && !(freeze && status == "created"))
    return refuse(freeze ? "pause" : "resume", "the container is " + status, record->id);
  const Cgroup cgroup = cgroup_of(*record);
  const Status done = freeze ? cgroup.freeze() : cgroup.thaw();
  if (!done) return std::unexpected(done.error());
  return 0;
}

// Options are not even read: an answer that names the reason is what callers can show.
Result<int> checkpoint_command(const Call& call) {
  (void)call;
  return refuse("checkpoint and restore",
                "are not supported; run the container with crun or runc and CRIU instead");
}

Result<int> pause_command(const Call& call) { return change(call, "running", true); }

Result<int> resume_command(const Call& call) { return change(call, "paused", false); }

} // namespace fairlead
