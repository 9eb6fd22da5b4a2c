// The container is made by this program's own library.
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/execution/execution.hh"

namespace fairlead::shim {

namespace {

class Native : public Execution {
public:
  Native(const Settings& settings, const Spec& spec, const Places& places)
      : Execution(cgroup_of(spec, settings.id)), id_(settings.id), spec_(spec), places_(places) {}

  Result<Born> create(const Stdio& stdio) override {
    CreateOptions options;
    options.id = id_;
    options.bundle = places_.bundle;
    options.run_dir = places_.run_dir;
    options.stdio = stdio;
    auto created = fairlead::create(spec_, group_, options);
    if (!created) return std::unexpected(created.error());
    created_ = std::move(*created);
    return Born{created_.pid, std::move(created_.console_master)};
  }

  Status start() override { return fairlead::start(created_); }

  Result<Process> exec(const ProcessSpec& process, const Stdio& stdio) override {
    ExecOptions options;
    options.run_dir = places_.run_dir;
    options.state = state_json(id_, places_.bundle, "running", created_.pid, spec_.annotations);
    return fairlead::exec(spec_, group_, created_.pid, process, stdio, options);
  }

  Status signal(int number) override {
    if (::syscall(SYS_pidfd_send_signal, created_.pidfd.get(), number, nullptr, 0) == 0) return {};
    return fail("pidfd_send_signal");
  }

  std::optional<int> end_of(pid_t child, int wait_status) override {
    if (child != created_.pid) return std::nullopt;
    return wait_status;
  }

  Status destroy() override {
    created_ = {};
    const Status gone = group_.destroy();
    (void)run_hooks(spec_.hooks.poststop,
                    state_json(id_, places_.bundle, "stopped", 0, spec_.annotations));
    return gone;
  }

private:
  std::string id_;
  const Spec& spec_;
  const Places& places_;
  Created created_;
};

} // namespace

Status Execution::update(const Resources& resources, const std::string&) {
  return group_.update(resources);
}

std::unique_ptr<Execution> make_native(const Settings& settings, const Spec& spec,
                                       const Places& places) {
  return std::make_unique<Native>(settings, spec, places);
}

std::unique_ptr<Execution> make_execution(const Settings& settings, const Spec& spec,
                                          const Places& places) {
  if (!settings.runtime) return make_native(settings, spec, places);
  using Kind = RuntimeSettings::Kind;
  return settings.runtime->kind == Kind::oci ? make_oci(settings, spec, places)
                                             : make_lxc(settings, spec, places);
}

} // namespace fairlead::shim
