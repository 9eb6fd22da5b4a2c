// Compiles seccomp profiles with libseccomp.
#include "runtime/seccomp.hh"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/fd.hh"

namespace fairlead {

namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

std::unexpected<Error> broken(const std::string& step, int code, const std::string& what = {}) {
  return std::unexpected(Error{"seccomp: " + step, -code, what, {}});
}

Status add_architectures(const Context& context, const Seccomp& profile) {
  for (const uint32_t arch : profile.architectures) {
    const int code = seccomp_arch_add(context.get(), arch);
    if (code < 0 && code != -EEXIST) return broken("add architecture", code);
  }
  return {};
}

int add_conditions(const Context& context, const SeccompRule& rule, int number,
                   const std::vector<scmp_arg_cmp>& conditions) {
  return seccomp_rule_add_array(context.get(), rule.action, number,
                                static_cast<unsigned>(conditions.size()), conditions.data());
}

// libseccomp allows one comparison per argument in a rule; several of one argument mean "any of
// them", as runc has it.
int add_rule(const Context& context, const SeccompRule& rule, int number) {
  std::vector<scmp_arg_cmp> conditions;
  unsigned seen = 0;
  bool repeated = false;
  for (const SeccompArg& arg : rule.args) {
    conditions.push_back({arg.index, static_cast<scmp_compare>(arg.op), arg.value, arg.value_two});
    repeated = repeated || (seen >> arg.index & 1U) != 0;
    seen |= 1U << arg.index;
  }
  if (!repeated) return add_conditions(context, rule, number, conditions);
  for (const scmp_arg_cmp& condition : conditions) {
    const int code = add_conditions(context, rule, number, {condition});
    if (code < 0) return code;
  }
  return 0;
}

Result<Filter> exported(const Context& context) {
  const Fd file(memfd_create("filter", MFD_CLOEXEC));
  if (!file) return fail("seccomp: make file");
  const int code = seccomp_export_bpf(context.get(), file.get());
  if (code < 0) return broken("export", code);
  struct stat info{};
  if (fstat(file.get(), &info) < 0) return fail("seccomp: read filter");
  Filter filter(static_cast<size_t>(info.st_size) / sizeof(sock_filter));
  const ssize_t got = pread(file.get(), filter.data(), filter.size() * sizeof(sock_filter), 0);
  if (got != info.st_size) return fail("seccomp: read filter");
  return filter;
}

} // namespace

Result<Filter> compile_filter(const Seccomp& profile) {
  const Context context(seccomp_init(profile.default_action));
  if (!context) return refuse("seccomp: start", "the default action is not supported here");
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2); // a binary tree: shorter ways
  if (Status done = add_architectures(context, profile); !done)
    return std::unexpected(done.error());
  for (const SeccompRule& rule : profile.rules) {
    if (rule.action == profile.default_action) continue; // refused by libseccomp, and idle
    for (const std::string& name : rule.names) {
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) continue; // for add_newer_calls, if at all
      const int code = add_rule(context, rule, number);
      // A call that no architecture of the filter has.
      if (code == -EDOM || code == -EFAULT) continue;
      if (code < 0) return broken("add rule", code, name);
    }
  }
  auto filter = exported(context);
  if (filter) add_newer_calls(profile, *filter);
  return filter;
}

} // namespace fairlead
