// The container is made by this program's own library.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/execution/execution.hh"

namespace fairlead::shim {

namespace {

class Native : public Execution {
public:
  Native(const Settings& settings, SharedSpec spec, const Places& places)
      : Execution(cgroup_of(*spec, settings.id)), id_(settings.id), spec_(std::move(spec)),
        places_(places) {}

  Async<Result<Born>> create(Waiter& waiter, const Stdio& stdio) override {
    CreateOptions options;
    options.id = id_;
    options.bundle = places_.bundle;
    options.run_dir = places_.run_dir;
    options.stdio = stdio;
    auto created = co_await fairlead::create(waiter, *spec_, group_, options);
    if (!created) co_return std::unexpected(created.error());
    created_ = std::move(*created);
    co_return Born{created_.pid, std::move(created_.console_master)};
  }

  Async<Status> start(Waiter& waiter) override {
    const Status started = co_await fairlead::start(waiter, created_);
    if (!started) ::syscall(SYS_pidfd_send_signal, created_.pidfd.get(), SIGKILL, nullptr, 0);
    co_return started;
  }

  Async<Result<Process>> exec(Waiter& waiter, const ProcessSpec& process,
                              const Stdio& stdio) override {
    ExecOptions options;
    options.run_dir = places_.run_dir;
    options.state = state_json(id_, places_.bundle, "running", created_.pid, spec_->annotations);
    co_return co_await fairlead::exec(waiter, *spec_, group_, created_.pid, process, stdio,
                                      options);
  }

  Async<Status> signal(Waiter&, int number) override {
    const bool sent =
        ::syscall(SYS_pidfd_send_signal, created_.pidfd.get(), number, nullptr, 0) == 0;
    co_return sent ? Status{} : fail("pidfd_send_signal");
  }

  pid_t child() const override { return created_.pid; }

  Async<Status> destroy(Waiter& waiter) override {
    created_ = {};
    const Status gone = co_await fairlead::destroy(waiter, group_);
    const std::string state = state_json(id_, places_.bundle, "stopped", 0, spec_->annotations);
    (void)co_await run_hooks(waiter, spec_->hooks.poststop, state);
    co_return gone;
  }

private:
  std::string id_;
  SharedSpec spec_;
  const Places& places_;
  Created created_;
};

} // namespace

Async<Status> Execution::signal_all(Waiter&, int number) { co_return group_.kill_all(number); }

Async<Status> Execution::update(Waiter&, const Resources& resources, const std::string&) {
  co_return group_.update(resources);
}

std::unique_ptr<Execution> make_native(const Settings& settings, SharedSpec spec,
                                       const Places& places) {
  return std::make_unique<Native>(settings, std::move(spec), places);
}

std::unique_ptr<Execution> make_execution(const Settings& settings, SharedSpec spec,
                                          const Places& places) {
  if (!settings.runtime) return make_native(settings, std::move(spec), places);
  using Kind = RuntimeSettings::Kind;
  return settings.runtime->kind == Kind::oci ? make_oci(settings, std::move(spec), places)
                                             : make_lxc(settings, std::move(spec), places);
}

} // namespace fairlead::shim
