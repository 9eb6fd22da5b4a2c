// From bundle to process to exit, and around again when the policy says so.
#include "shim/supervisor/supervisor.hh"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/rfc3339.hh"
#include "shim/loop/clock.hh"

namespace fairlead::shim {

namespace {

// A process outside the container may hold its streams open; Docker waits this long too.
constexpr int64_t STREAM_GRACE_MS = 2000;
constexpr int64_t EXEC_GRACE_MS = 1000;
constexpr int64_t SYNC_MS = 500;
// Shorter than the agent waits for the shim's line; hooks and slow disks are part of it.
constexpr int64_t BIRTH_MS = 55'000;
constexpr int64_t DESTROY_MS = 40'000;
constexpr int64_t QUIET_MS = 1000;
constexpr int64_t LOG_GRACE_MS = 2000;
// What a disk that stands still has not taken by then is lost with the shim.
constexpr int64_t LAST_WRITES_MS = 10'000;

} // namespace

Supervisor::Supervisor(Loop& loop, Places places)
    : loop_(loop), lock_(loop), places_(std::move(places)), disk_(loop),
      state_file_(disk_, places_.state_dir), ports_(loop),
      execs_(loop, children_, *this,
             [this](const char* name, const std::string& id, int exit_code) {
               if (on_event_) on_event_({name, id, exit_code});
             }),
      health_(loop, children_, *this, [this](const HealthState& health) {
        const bool turned = !state_.health || state_.health->status != health.status;
        state_.health = health;
        // What a probe said needs no disk of its own; a turn does.
        if (turned) save_state();
        else (void)state_file_.save(state_);
        if (on_event_) on_event_({turned ? "health" : "probe", {}, 0});
      }) {
  state_.shim_pid = ::getpid();
}

Supervisor::~Supervisor() {
  if (memory_watch_) loop_.remove(memory_watch_.get());
  if (sync_timer_ != 0) sync_saved(places_.state_dir);
}

void Supervisor::listen(Listener on_event, std::function<void()> on_end) {
  on_event_ = std::move(on_event);
  on_end_ = std::move(on_end);
}

Async<Status> Supervisor::prepare() {
  co_await lock_.acquire();
  auto boot_id = read_boot_id();
  if (!boot_id) co_return std::unexpected(boot_id.error());
  state_.boot_id = std::move(*boot_id);
  if (const Status loaded = load(); !loaded) co_return loaded;
  restarts_ = settings_.restarts;
  state_.restart_count = restarts_.count;
  state_.restart_delay_ms = restarts_.delay_ms;
  if (const Status opened = ports_.open(settings_.ports); !opened) co_return opened;
  LoopWaiter waiter(loop_, children_, BIRTH_MS);
  birth_ = &waiter;
  Status ready = co_await create(waiter);
  if (ready) ready = state_file_.save(state_);
  if (ready) expect_exit();
  if (ready && settings_.auto_start) {
    ready = co_await launch(waiter);
    if (!ready) {
      state_.status = State::Status::exited;
      save_state();
    }
  }
  co_await end_birth(ready.has_value());
  lock_.release();
  co_return ready;
}

Status Supervisor::load() {
  auto settings = read_settings(places_.bundle + "/shim.json");
  if (!settings) return std::unexpected(settings.error());
  auto spec = parse_spec(places_.bundle + "/config.json");
  if (!spec) return std::unexpected(spec.error());
  if (!spec->process || spec->process->args.empty())
    return refuse("read configuration", "process.args is missing", places_.bundle);
  settings_ = std::move(*settings);
  spec_ = std::make_shared<Spec>(std::move(*spec));
  spec_->process->terminal = settings_.tty;
  return open_log();
}

// A log that still has something to write is taken on.
Status Supervisor::open_log() {
  if (log_ && log_->serves(settings_.log)) {
    log_->limit(settings_.log);
    return {};
  }
  auto log = Log::open(disk_, settings_.log, [this] {
    if (streams_) streams_->release();
  });
  if (!log) return std::unexpected(log.error());
  log_ = std::move(*log);
  return {};
}

Async<Status> Supervisor::create(Waiter& waiter) {
  const Status made = co_await create_process(waiter);
  if (!made) co_return made;
  if (settings_.resolver) {
    if (const Status opened = open_resolver(); !opened) co_return opened;
  }
  watch_memory();
  co_return Status{};
}

Async<Status> Supervisor::create_process(Waiter& waiter) {
  streams_ = std::make_unique<Streams>(loop_,
                                       Streams::Policy{.tty = settings_.tty,
                                                       .input = settings_.open_stdin,
                                                       .close_on_end = settings_.stdin_once},
                                       [this](Channel channel, std::string_view bytes) {
                                         if (bytes.empty()) log_->flush(channel);
                                         else log_->write(channel, bytes);
                                       });
  streams_->hold_while([this] { return log_->full(); });
  ProcessEnds ends;
  if (!settings_.tty) {
    auto made = streams_->make_pipes();
    if (!made) co_return std::unexpected(made.error());
    ends = std::move(*made);
  }
  const ProcessSpec& process = *spec_->process;
  const Stdio stdio{ends.in.get(), ends.out.get(), ends.err.get(),
                    settings_.tty, process.rows,   process.cols};
  std::shared_ptr<Execution> execution = make_execution(settings_, spec_, places_);
  auto born = co_await execution->create(waiter, stdio);
  if (!born) co_return std::unexpected(born.error());
  execution_ = std::move(execution);
  state_.pid = born->pid;
  if (!settings_.tty) co_return Status{};
  co_return streams_->adopt_terminal(std::move(born->console_master));
}

Status Supervisor::open_resolver() {
  auto netns = network_namespace();
  if (!netns) return std::unexpected(netns.error());
  struct stat facts{};
  if (::fstat(netns->get(), &facts) != 0) return fail("fstat network namespace");
  if (resolver_ && facts.st_ino == resolver_netns_) {
    resolver_->configure(*settings_.resolver);
    return {};
  }
  resolver_.reset();
  auto resolver = Resolver::open(loop_, netns->get(), *settings_.resolver);
  if (!resolver) return std::unexpected(resolver.error());
  resolver_ = std::move(*resolver);
  resolver_netns_ = facts.st_ino;
  return {};
}

void Supervisor::close_resolver() {
  if (!std::exchange(resolver_, nullptr)) return;
  if (const auto netns = network_namespace()) Resolver::withdraw(netns->get());
}

Result<Fd> Supervisor::network_namespace() const {
  const auto found = std::ranges::find_if(
      spec_->namespaces, [](const Namespace& ns) { return ns.type == CLONE_NEWNET; });
  if (found == spec_->namespaces.end())
    return refuse("open resolver", "the container has the host's network namespace");
  const std::string path =
      found->path.empty() ? "/proc/" + std::to_string(state_.pid) + "/ns/net" : found->path;
  Fd netns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns) return fail("open network namespace", path);
  return netns;
}

Async<Status> Supervisor::launch(Waiter& waiter) {
  const Status started = co_await execution_->start(waiter);
  if (started) on_started();
  else if (!ending()) on_start_failure(started.error());
  co_return started;
}

// After it, the exit of what has been born counts; what has not been is removed.
Async<Status> Supervisor::end_birth(bool born) {
  birth_ = nullptr;
  if (born) {
    check_exit();
    co_return Status{};
  }
  state_.pid = 0;
  if (execution_) children_.forget(execution_->child());
  exited_.reset();
  co_return co_await clean_up();
}

void Supervisor::expect_exit() {
  children_.expect(execution_->child(), [this](int wait_status) {
    exited_ = execution_->end_of(wait_status);
    check_exit();
  });
}

// The exit of a process that ends while it is being started is told after its start; and after
// those of all that ended in the same turn of the loop.
void Supervisor::check_exit() {
  loop_.defer([this] {
    if (birth_ == nullptr && exited_) on_init_exit(*std::exchange(exited_, std::nullopt));
  });
}

void Supervisor::on_started() {
  state_.status = State::Status::running;
  state_.started_at = now_rfc3339();
  state_.finished_at.clear();
  state_.exit_code = state_.signal = 0;
  state_.oom_killed = false;
  state_.error.clear();
  started_ms_ = monotonic_ms();
  state_.health.reset();
  if (settings_.health) {
    health_.start(*settings_.health);
    state_.health.emplace();
  }
  changed("started");
  loop_.calm_after(QUIET_MS);
}

void Supervisor::on_init_exit(int wait_status) {
  loop_.cancel(kill_timer_);
  loop_.cancel(stuck_timer_);
  health_.suspend();
  if (state_.health) state_.health->status = HealthState::Status::unhealthy; // as Docker shows it
  state_.pid = 0;
  state_.finished_at = now_rfc3339();
  state_.exit_code = exit_code_of(wait_status);
  state_.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  on_memory_event();
  execs_.call_off();
  execution_->end_rest(); // what shares the host's pid namespace outlives its first process
  streams_->conclude(STREAM_GRACE_MS, [this] { on_drained(); });
}

// The end is told when the log has all of it, unless its disk stands still.
void Supervisor::on_drained() {
  execs_.when_idle(EXEC_GRACE_MS, [this] {
    disk_.when_idle(LOG_GRACE_MS, [this] { begin(wind_up(), [](const Status&) {}); });
  });
}

Async<Status> Supervisor::wind_up() {
  co_await lock_.acquire();
  co_await clean_up();
  lock_.release();
  settle();
  co_return Status{};
}

// The first start is the caller's to judge; a restart goes on by policy.
void Supervisor::on_start_failure(const Error& error) {
  state_.pid = 0;
  state_.error = describe(error);
  state_.exit_code = exit_code_of(error);
  state_.signal = 0;
  state_.finished_at = now_rfc3339();
}

Async<Status> Supervisor::clean_up() {
  if (memory_watch_) loop_.remove(memory_watch_.get());
  memory_watch_.reset();
  oom_kills_ = 0;
  memory_was_out_ = false;
  const std::shared_ptr<Execution> execution = std::move(execution_);
  if (!execution) co_return Status{};
  execution->end_rest();
  LoopWaiter waiter(loop_, children_, DESTROY_MS);
  const Status gone = co_await execution->destroy(waiter);
  if (!gone) state_.error = describe(gone.error());
  co_return gone;
}

// Decides what follows an exit, tells it, and lets the clients of the old streams go.
void Supervisor::settle() {
  const std::unique_ptr<Streams> old = std::move(streams_);
  std::optional<Restarts> next;
  if (!ending() && !state_.started_at.empty()) {
    const Ending ended{state_.exit_code, monotonic_ms() - started_ms_};
    next = next_restart(settings_.restart, restarts_, ended);
  }
  if (next) restarts_ = *next;
  state_.restart_delay_ms = restarts_.delay_ms;
  state_.status = next ? State::Status::restarting : State::Status::exited;
  changed("exited");
  if (!next) return finish();
  restart_timer_ = loop_.after(restarts_.delay_ms, [this] {
    restart_timer_ = 0;
    begin(restart(), [](const Status&) {});
  });
  changed("restarting");
}

Async<Status> Supervisor::restart() {
  co_await lock_.acquire();
  const Status begun = co_await try_restart();
  lock_.release();
  co_return begun;
}

Async<Status> Supervisor::try_restart() {
  if (finished_ || state_.status != State::Status::restarting) co_return Status{};
  LoopWaiter waiter(loop_, children_, BIRTH_MS);
  birth_ = &waiter;
  state_.restart_count = restarts_.count;
  Status begun = load();
  if (begun) begun = co_await create(waiter);
  if (!begun && !ending()) on_start_failure(begun.error());
  if (begun) {
    expect_exit();
    begun = co_await launch(waiter);
  }
  co_await end_birth(begun.has_value());
  if (begun) co_return begun;
  started_ms_ = monotonic_ms();
  settle();
  co_return begun;
}

void Supervisor::finish() {
  if (std::exchange(finished_, true)) return;
  health_.suspend();
  answer_stops({});
  disk_.when_idle(LAST_WRITES_MS, [this] { on_end_(); });
}

void Supervisor::watch_memory() {
  oom_kills_ = execution_->oom_kills().value_or(0);
  memory_watch_ = execution_->oom_watch();
  if (!memory_watch_) return;
  const int fd = memory_watch_.get();
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  // Edge-triggered: a kernfs file always counts as readable, poll(2) of cgroups(7).
  const auto handler = [this](uint32_t) { on_memory_event(); };
  if (!loop_.add(fd, EPOLLIN | EPOLLPRI | EPOLLET, handler)) memory_watch_.reset();
}

void Supervisor::on_memory_event() {
  char text[512];
  if (memory_watch_) {
    ::lseek(memory_watch_.get(), 0, SEEK_SET);
    const ssize_t got = ::read(memory_watch_.get(), text, sizeof text);
    if (got < 0 && errno != EAGAIN) return;
    if (got == sizeof(uint64_t)) memory_was_out_ = true; // the eventfd of v1
  }
  // Where the count went with the container's group, the news that memory was out must do.
  const auto kills = execution_->oom_kills();
  if (kills ? *kills <= oom_kills_ : !std::exchange(memory_was_out_, false)) return;
  if (kills) oom_kills_ = *kills;
  state_.oom_killed = true;
  changed("oom");
}

void Supervisor::changed(const char* event) {
  save_state();
  if (on_event_) on_event_({event, {}, 0});
}

void Supervisor::save_state() {
  // A full disk must not end the container; watchers and the control socket still tell the truth.
  if (const Status saved = state_file_.save(state_); !saved && state_.error.empty())
    state_.error = describe(saved.error());
  // A disk may take tens of milliseconds, which no start and no log should wait for. After a loss
  // of power within this time the state before is found, and another boot id tells its age.
  if (sync_timer_ != 0) return;
  sync_timer_ = loop_.after(SYNC_MS, [this] {
    sync_timer_ = 0;
    begin_sync(places_.state_dir);
  });
}

} // namespace fairlead::shim
