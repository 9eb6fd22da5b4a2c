// What a client can ask of a running container.
#include <signal.h>

#include "shim/loop/clock.hh"
#include "shim/supervisor/supervisor.hh"

namespace fairlead::shim {

namespace {

// A process that SIGKILL has not ended by now waits in the kernel; the client is told so.
constexpr int64_t STUCK_MS = 30'000;

std::unexpected<Error> conflict(const char* step, int code, const char* sentence) {
  return std::unexpected(Error{step, code, {}, sentence});
}

} // namespace

Status Supervisor::start() {
  if (state_.status != State::Status::created || finished_) {
    return conflict("start", EALREADY, "the container has been started");
  }
  const Status started = launch();
  if (started) return started;
  clean_up();
  settle();
  return started;
}

// SIGKILL and the stop signal mean that the user wants it ended: no restart, as with Docker.
Status Supervisor::kill(int signal, bool all) {
  if (const Status ready = running(); !ready) return ready;
  const bool ending = signal == SIGKILL || signal == settings_.stop_signal;
  if (ending && !state_.stop_requested) {
    state_.stop_requested = true;
    save_state();
  }
  const Status sent = all ? execution_->signal_all(signal) : execution_->signal(signal);
  if (!sent) return sent;
  // A frozen process sees no signal (cgroup v1), so a deadly one also thaws.
  if (ending && state_.status == State::Status::paused) return resume();
  return {};
}

void Supervisor::stop(int signal, int64_t timeout_ms, Stopped stopped) {
  state_.stop_requested = true;
  if (state_.status == State::Status::exited || finished_) return stopped({});
  stops_.push_back(std::move(stopped));
  save_state();
  if (state_.status == State::Status::restarting) {
    loop_.cancel(restart_timer_);
    state_.status = State::Status::exited;
    changed("exited");
    return finish();
  }
  if (state_.status == State::Status::created) return signal_init(SIGKILL);
  signal_init(signal);
  if (state_.status == State::Status::paused) {
    if (const Status thawed = resume(); !thawed) answer_stops(thawed);
  }
  if (signal == SIGKILL) return escalate(0);
  if (timeout_ms >= 0) escalate(timeout_ms);
}

Status Supervisor::pause() {
  if (const Status ready = running(); !ready) return ready;
  if (state_.status == State::Status::paused) {
    return conflict("pause", EALREADY, "the container is paused already");
  }
  if (const Status frozen = execution_->freeze(); !frozen) return frozen;
  health_.suspend();
  state_.status = State::Status::paused;
  changed("paused");
  return {};
}

Status Supervisor::resume() {
  if (state_.status != State::Status::paused) {
    return conflict("resume", EALREADY, "the container is not paused");
  }
  if (const Status thawed = execution_->thaw(); !thawed) return thawed;
  state_.status = State::Status::running;
  if (settings_.health) health_.resume();
  changed("resumed");
  return {};
}

Status Supervisor::update(const Update& update) {
  if (update.resources) {
    if (!execution_) return conflict("update", ESRCH, "the container does not run");
    const Status set = execution_->update(*update.resources, update.resources_json);
    if (!set) return set;
  }
  if (update.restart) settings_.restart = *update.restart;
  if (update.stop_requested) {
    state_.stop_requested = *update.stop_requested;
    save_state();
  }
  return {};
}

Status Supervisor::reload() {
  auto settings = read_settings(places_.bundle + "/shim.json");
  if (!settings) return std::unexpected(settings.error());
  settings_.restart = settings->restart;
  settings_.stop_signal = settings->stop_signal;
  settings_.stop_timeout_ms = settings->stop_timeout_ms;
  settings_.log.max_size_bytes = settings->log.max_size_bytes;
  settings_.log.max_files = settings->log.max_files;
  log_->limit(settings_.log);
  const bool probed = settings_.health.has_value();
  settings_.health = std::move(settings->health);
  if (!settings_.health) {
    health_.suspend();
    state_.health.reset();
  } else if (!probed && state_.status == State::Status::running) {
    health_.start(*settings_.health);
    state_.health.emplace();
  } else {
    health_.configure(*settings_.health);
  }
  ports_.aim(settings->ports);
  settings_.resolver = std::move(settings->resolver);
  if (!settings_.resolver) resolver_.reset();
  else if (state_.pid != 0) return open_resolver();
  return {};
}

Status Supervisor::attachable() const {
  if (streams_ && !finished_) return {};
  if (state_.status == State::Status::restarting) {
    return conflict("attach", EBUSY, "the container is restarting");
  }
  return conflict("attach", ESRCH, "the container has exited");
}

void Supervisor::attach(const std::shared_ptr<Connection>& client, Wanted wanted) {
  if (streams_) streams_->attach(client, wanted);
  else client->finish();
}

Status Supervisor::resize(int rows, int columns) {
  if (!streams_) return conflict("resize", ESRCH, "the container does not run");
  return streams_->resize(rows, columns);
}

void Supervisor::terminate() {
  terminating_ = true;
  if (state_.status == State::Status::restarting) {
    loop_.cancel(restart_timer_);
    state_.status = State::Status::exited;
    changed("exited");
    return finish();
  }
  if (state_.status == State::Status::paused) (void)execution_->thaw();
  const bool created = state_.status == State::Status::created;
  signal_init(created ? SIGKILL : settings_.stop_signal);
  escalate(created || settings_.stop_timeout_ms < 0 ? 0 : settings_.stop_timeout_ms);
}

void Supervisor::signal_init(int signal) {
  if (execution_) (void)execution_->signal(signal);
}

void Supervisor::answer_stops(const Status& status) {
  std::vector<Stopped> stops;
  stops.swap(stops_);
  for (const Stopped& stopped : stops) stopped(status);
}

// The nearest deadline of several stop requests counts.
void Supervisor::escalate(int64_t timeout_ms) {
  const int64_t due = monotonic_ms() + timeout_ms;
  if (kill_timer_ != 0 && due >= kill_due_ms_) return;
  loop_.cancel(kill_timer_);
  kill_due_ms_ = due;
  kill_timer_ = loop_.after(timeout_ms, [this] {
    kill_timer_ = 0;
    signal_init(SIGKILL);
    loop_.cancel(stuck_timer_);
    stuck_timer_ = loop_.after(STUCK_MS, [this] {
      stuck_timer_ = 0;
      answer_stops(conflict("stop", EBUSY, "the process has not ended 30 s after SIGKILL"));
    });
  });
}

Status Supervisor::running() const {
  if (state_.alive() && state_.pid != 0) return {};
  return conflict("find process", ESRCH, "the container does not run");
}

} // namespace fairlead::shim
