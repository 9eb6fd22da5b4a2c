// What a client can ask of a running container.
#include <signal.h>

#include "shim/loop/clock.hh"
#include "shim/supervisor/supervisor.hh"

namespace fairlead::shim {

namespace {

// A process that SIGKILL has not ended by now waits in the kernel; the client is told so.
constexpr int64_t STUCK_MS = 30'000;
// For one command of a runtime, or for processes to stand.
constexpr int64_t COMMAND_MS = 35'000;

std::unexpected<Error> conflict(const char* step, int code, const char* sentence) {
  return std::unexpected(Error{step, code, {}, sentence});
}

} // namespace

Async<Status> Supervisor::start() {
  co_await lock_.acquire();
  const Status started = co_await try_start();
  lock_.release();
  co_return started;
}

Async<Status> Supervisor::try_start() {
  if (state_.status != State::Status::created || state_.pid == 0 || finished_)
    co_return conflict("start", EALREADY, "the container has been started");
  LoopWaiter waiter(loop_, children_, COMMAND_MS);
  birth_ = &waiter;
  const Status started = co_await launch(waiter);
  co_await end_birth(started.has_value());
  if (!started) settle();
  co_return started;
}

// SIGKILL and the stop signal mean that the user wants it ended: no restart, as with Docker.
Async<Status> Supervisor::kill(int signal, bool all) {
  if (const Status ready = running(); !ready) co_return ready;
  const bool deadly = signal == SIGKILL || signal == settings_.stop_signal;
  if (deadly && !state_.stop_requested) {
    state_.stop_requested = true;
    save_state();
  }
  const Status sent = co_await send_signal(signal, all);
  if (!sent) co_return sent;
  // A frozen process sees no signal (cgroup v1), so a deadly one also thaws.
  if (!deadly || state_.status != State::Status::paused) co_return Status{};
  const Status thawed = co_await resume();
  co_return state_.pid == 0 ? Status{} : thawed;
}

Async<Status> Supervisor::send_signal(int signal, bool all) {
  const std::shared_ptr<Execution> execution = execution_;
  if (!execution) co_return conflict("signal", ESRCH, "the container does not run");
  LoopWaiter waiter(loop_, children_, COMMAND_MS);
  if (all) co_return co_await execution->signal_all(waiter, signal);
  co_return co_await execution->signal(waiter, signal);
}

void Supervisor::stop(int signal, int64_t timeout_ms, Stopped stopped) {
  state_.stop_requested = true;
  if (state_.status == State::Status::exited || finished_) return stopped({});
  stops_.push_back(std::move(stopped));
  save_state();
  if (state_.status == State::Status::restarting) return stop_restarting();
  if (state_.status == State::Status::created) {
    if (birth_ != nullptr) birth_->call_off();
    return signal_init(SIGKILL);
  }
  signal_init(signal);
  if (state_.status == State::Status::paused) {
    begin(resume(), [this](const Status& thawed) {
      if (!thawed && state_.pid != 0) answer_stops(thawed);
    });
  }
  if (signal == SIGKILL) return escalate(0);
  if (timeout_ms >= 0) escalate(timeout_ms);
}

// Between two runs there is only the next one to take back.
void Supervisor::stop_restarting() {
  if (birth_ != nullptr) return birth_->call_off();
  loop_.cancel(restart_timer_);
  state_.status = State::Status::exited;
  changed("exited");
  finish();
}

Async<Status> Supervisor::pause() {
  co_await lock_.acquire();
  const Status paused = co_await try_pause();
  lock_.release();
  co_return paused;
}

Async<Status> Supervisor::try_pause() {
  if (const Status ready = running(); !ready) co_return ready;
  if (state_.status == State::Status::paused)
    co_return conflict("pause", EALREADY, "the container is paused already");
  const std::shared_ptr<Execution> execution = execution_;
  LoopWaiter waiter(loop_, children_, COMMAND_MS);
  const Status frozen = co_await execution->freeze(waiter);
  if (!frozen) co_return frozen;
  if (const Status still = running(); !still || ending()) {
    (void)co_await execution->thaw(waiter);
    co_return conflict("pause", ESRCH, "the container is being stopped");
  }
  health_.suspend();
  state_.status = State::Status::paused;
  changed("paused");
  co_return Status{};
}

Async<Status> Supervisor::resume() {
  co_await lock_.acquire();
  const Status resumed = co_await try_resume();
  lock_.release();
  co_return resumed;
}

Async<Status> Supervisor::try_resume() {
  if (state_.status != State::Status::paused || !execution_)
    co_return conflict("resume", EALREADY, "the container is not paused");
  const std::shared_ptr<Execution> execution = execution_;
  LoopWaiter waiter(loop_, children_, COMMAND_MS);
  const Status thawed = co_await execution->thaw(waiter);
  if (!thawed) co_return thawed;
  if (state_.pid == 0) co_return Status{};
  state_.status = State::Status::running;
  if (settings_.health) health_.resume();
  changed("resumed");
  co_return Status{};
}

Async<Status> Supervisor::update(Update update) {
  co_await lock_.acquire();
  const Status updated = co_await try_update(update);
  lock_.release();
  co_return updated;
}

// Between two runs the next one takes its limits from the bundle, which the agent has written.
Async<Status> Supervisor::try_update(const Update& update) {
  if (update.resources && state_.status != State::Status::restarting) {
    const std::shared_ptr<Execution> execution = execution_;
    if (!execution) co_return conflict("update", ESRCH, "the container does not run");
    LoopWaiter waiter(loop_, children_, COMMAND_MS);
    const Status set = co_await execution->update(waiter, *update.resources, update.resources_json);
    if (!set) co_return set;
  }
  if (update.restart) settings_.restart = *update.restart;
  if (update.stop_requested) {
    state_.stop_requested = *update.stop_requested;
    save_state();
  }
  co_return Status{};
}

Status Supervisor::reload() {
  auto settings = read_settings(places_.bundle + "/shim.json");
  if (!settings) return std::unexpected(settings.error());
  settings_.restart = settings->restart;
  settings_.stop_signal = settings->stop_signal;
  settings_.stop_timeout_ms = settings->stop_timeout_ms;
  if (log_->serves(settings->log)) settings_.log = settings->log;
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
  if (!settings_.resolver) close_resolver();
  else if (state_.pid != 0) return open_resolver();
  return {};
}

Status Supervisor::attachable() const {
  if (streams_ && !finished_) return {};
  if (state_.status == State::Status::restarting)
    return conflict("attach", EBUSY, "the container is restarting");
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

Async<Result<Process>> Supervisor::run(Waiter& waiter, const ProcessSpec& process,
                                       const Stdio& stdio) {
  if (const Status ready = running(); !ready) co_return std::unexpected(ready.error());
  if (state_.status == State::Status::paused)
    co_return std::unexpected(Error{"exec", EBUSY, {}, "the container is paused"});
  const std::shared_ptr<Execution> execution = execution_; // may end meanwhile
  co_return co_await execution->exec(waiter, process, stdio);
}

ProcessSpec Supervisor::process() const { return *spec_->process; }

void Supervisor::terminate() {
  terminating_ = true;
  if (state_.status == State::Status::restarting) return stop_restarting();
  if (state_.status == State::Status::paused) begin(resume(), [](const Status&) {});
  const bool created = state_.status == State::Status::created;
  if (created && birth_ != nullptr) birth_->call_off();
  signal_init(created ? SIGKILL : settings_.stop_signal);
  escalate(created || settings_.stop_timeout_ms < 0 ? 0 : settings_.stop_timeout_ms);
}

void Supervisor::signal_init(int signal) {
  if (execution_) begin(send_signal(signal, false), [](const Status&) {});
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
