// Running probes and judging them.
#include "shim/exec/health.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/rfc3339.hh"
#include "runtime/launch.hh"
#include "shim/loop/clock.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_OUTPUT = 4096;
constexpr size_t KEPT_RESULTS = 5;

} // namespace

void Health::start(const HealthSettings& settings) {
  settings_ = settings;
  state_ = {};
  started_ms_ = monotonic_ms();
  resume();
}

void Health::configure(const HealthSettings& settings) {
  settings_ = settings;
  if (active_ && pid_ < 0 && launching_ == nullptr) schedule();
}

void Health::suspend() {
  active_ = false;
  loop_.cancel(next_);
  loop_.cancel(timeout_);
  ++number_;
  if (launching_ != nullptr) launching_->call_off();
  launching_ = nullptr;
  kill_probe();
  close_output();
  if (pid_ > 0) children_.forget(pid_);
  pid_ = -1;
  pidfd_.reset();
}

void Health::resume() {
  if (active_) return;
  active_ = true;
  schedule();
}

void Health::on_end(int wait_status) {
  pid_ = -1;
  pidfd_.reset();
  loop_.cancel(timeout_);
  read_output();
  close_output();
  std::string output = std::exchange(output_, {});
  if (truncated_) output += "...";
  if (!timed_out_) return conclude(exit_code_of(wait_status), std::move(output));
  conclude(-1, output.empty() ? timeout_text() : timeout_text() + ": " + output);
}

std::string Health::timeout_text() const {
  return "Health check exceeded timeout (" + go_duration(settings_.timeout_ms) + ")";
}

// While it is starting, a container may be probed more often.
int64_t Health::interval_ms() const {
  const bool early = monotonic_ms() - started_ms_ < settings_.start_period_ms;
  const bool starting = state_.status == HealthState::Status::starting;
  return early && starting ? settings_.start_interval_ms : settings_.interval_ms;
}

void Health::schedule() {
  loop_.cancel(next_);
  next_ = loop_.after(interval_ms(), [this] {
    next_ = 0;
    probe();
  });
}

void Health::probe() {
  probe_started_ns_ = realtime_ns();
  probe_started_ms_ = monotonic_ms();
  output_.clear();
  truncated_ = timed_out_ = false;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return conclude(-1, describe(fail("pipe2").error()));
  Fd writer(ends[1]);
  output_fd_.reset(ends[0]);
  ::fcntl(output_fd_.get(), F_SETFL, O_NONBLOCK);
  begin(launch(std::move(writer)), [this, number = ++number_](Result<Process> launched) {
    on_launched(number, std::move(launched));
  });
}

// The time of a probe includes its start, which processes of the container can hold up.
Async<Result<Process>> Health::launch(Fd output) {
  ProcessSpec process = inside_.process();
  process.args = settings_.argv;
  process.terminal = false;
  const Stdio stdio{.out = output.get(), .err = output.get()};
  LoopWaiter waiter(loop_, children_, settings_.timeout_ms);
  launching_ = &waiter;
  const uint64_t number = number_;
  auto launched = co_await inside_.run(waiter, process, stdio);
  if (number != number_) { // given up meanwhile
    if (launched) co_await end_process(waiter, launched->pid);
    co_return launched;
  }
  launching_ = nullptr;
  if (!launched) {
    timed_out_ = waiter.over();
    co_return launched;
  }
  pid_ = launched->pid;
  children_.expect(pid_, [this](int status) {
    loop_.defer([this, status, number = number_] {
      if (number == number_) on_end(status);
    });
  });
  co_return launched;
}

void Health::on_launched(uint64_t number, Result<Process> launched) {
  if (number != number_) return;
  if (!launched) {
    output_fd_.reset();
    if (timed_out_) return conclude(-1, timeout_text());
    return conclude(exit_code_of(launched.error()), describe(launched.error()));
  }
  pidfd_ = std::move(launched->pidfd);
  const int64_t left = settings_.timeout_ms - (monotonic_ms() - probe_started_ms_);
  timeout_ = loop_.after(left, [this] { on_timeout(); });
  const auto handler = [this](uint32_t) { read_output(); };
  if (!loop_.add(output_fd_.get(), EPOLLIN, handler)) output_fd_.reset();
}

void Health::read_output() {
  char chunk[4096];
  for (int i = 0; i < 16 && output_fd_; ++i) {
    const ssize_t got = ::read(output_fd_.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    if (got == 0) return close_output();
    const auto length = static_cast<size_t>(got);
    const size_t room = MOST_OUTPUT - output_.size();
    if (length > room) truncated_ = true;
    output_.append(chunk, std::min(length, room));
  }
}

// A probe that leads its own session may have children that must not outlive it.
void Health::kill_probe() {
  if (pid_ < 0) return;
  if (::getpgid(pid_) == pid_) ::kill(-pid_, SIGKILL);
  if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

void Health::close_output() {
  if (!output_fd_) return;
  loop_.remove(output_fd_.get());
  output_fd_.reset();
}

void Health::on_timeout() {
  timeout_ = 0;
  timed_out_ = true;
  kill_probe();
}

void Health::conclude(int exit_code, std::string output) {
  state_.log.push_back({probe_started_ns_, realtime_ns(), exit_code, std::move(output)});
  if (state_.log.size() > KEPT_RESULTS) state_.log.pop_front();
  if (exit_code == 0) {
    state_.failing_streak = 0;
    state_.status = HealthState::Status::healthy;
  } else {
    const bool starting = state_.status == HealthState::Status::starting;
    const bool early = probe_started_ms_ - started_ms_ < settings_.start_period_ms;
    if (!(starting && early)) {
      ++state_.failing_streak;
      if (state_.failing_streak >= settings_.retries)
        state_.status = HealthState::Status::unhealthy;
    }
  }
  schedule();
  changed_(state_);
}

} // namespace fairlead::shim
