// The commands state, kill, delete, pause and resume.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "oci/command.hh"
#include "oci/placement.hh"
#include "runtime/hooks.hh"
#include "runtime/names.hh"

namespace fairlead {

namespace {

Result<Record> named(const Call& call, std::initializer_list<Flag> flags, Arguments& arguments,
                     size_t most) {
  auto read = call.read(flags, 1, most);
  if (!read) return std::unexpected(read.error());
  arguments = std::move(*read);
  return call.store.load(arguments.rest[0]);
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
  Arguments arguments;
  const auto record = named(call, {}, arguments, 1);
  if (!record) return std::unexpected(record.error());
  const auto spec = call.store.config(record->id);
  if (!spec) return std::unexpected(spec.error());
  const std::string status = status_of(call.store, *record);
  const pid_t pid = status == "stopped" ? 0 : record->pid;
  std::string text =
      state_json(record->id, record->bundle, status.c_str(), pid, spec->annotations);
  std::puts(text.c_str());
  return 0;
}

Result<int> kill_command(const Call& call) {
  Arguments arguments;
  const auto record = named(call, {{"all", 'a'}, {"signal", 's', true}}, arguments, 2);
  if (!record) return std::unexpected(record.error());
  const std::string word =
      arguments.rest.size() > 1 ? arguments.rest[1] : arguments.value("signal", "TERM");
  const auto signal = signal_number(word);
  if (!signal) return refuse("kill", "is not a signal", word);
  const std::string status = status_of(call.store, *record);
  const Cgroup cgroup = cgroup_of(*record);
  if (arguments.has("all")) {
    if (Status done = cgroup.kill_all(*signal); !done) return std::unexpected(done.error());
    return 0;
  }
  if (status == "stopped" || status == "creating")
    return refuse("kill", "the container is " + status, record->id);
  if (Status done = send(*record, *signal); !done) return std::unexpected(done.error());
  // A frozen process on v1 would keep the signal until it is thawed.
  if (status == "paused" && *signal == SIGKILL) {
    if (Status done = cgroup.thaw(); !done) return std::unexpected(done.error());
  }
  return 0;
}

Status delete_container(const Call& call, const Record& record, const Spec* spec) {
  if (Status done = end_cgroup(record); !done) return done;
  if (Status done = call.store.remove(record.id); !done) return done;
  if (spec == nullptr) return {};
  const std::string state =
      state_json(record.id, record.bundle, "stopped", 0, spec->annotations);
  for (const Hook& hook : spec->hooks.poststop) // a failure is logged, the next one runs
    if (Status done = run_hooks({hook}, state); !done) call.warn(describe(done.error()));
  return {};
}

Result<int> delete_command(const Call& call) {
  Arguments arguments;
  const auto record = named(call, {{"force", 'f'}}, arguments, 1);
  if (!record) {
    if (arguments.has("force") && record.error().detail == "does not exist") return 0;
    return std::unexpected(record.error());
  }
  const std::string status = status_of(call.store, *record);
  if (status != "stopped") {
    if (!arguments.has("force"))
      return refuse("delete", "the container is " + status + ", not stopped", record->id);
    (void)send(*record, SIGKILL);
    if (status == "paused") (void)cgroup_of(*record).thaw();
    wait_for_end(*record);
  }
  const auto spec = call.store.config(record->id);
  if (Status done = delete_container(call, *record, spec ? &*spec : nullptr); !done)
    return std::unexpected(done.error());
  return 0;
}

static Result<int> change(const Call& call, const char* from, bool freeze) {
  Arguments arguments;
  const auto record = named(call, {}, arguments, 1);
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
