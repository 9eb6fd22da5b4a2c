// Reads linux.seccomp into libseccomp's numbers.
#include <errno.h>
#include <seccomp.h>

#include <array>

#include "runtime/parse.hh"

namespace fairlead {

namespace {

struct Number {
  const char* name;
  uint32_t value;
};

constexpr std::array ACTIONS =
    std::to_array<Number>({{"SCMP_ACT_KILL", SCMP_ACT_KILL},
                           {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
                           {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL},
                           {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
                           {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0)},
                           {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0)},
                           {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
                           {"SCMP_ACT_LOG", SCMP_ACT_LOG},
                           {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY}});

constexpr std::array OPERATORS =
    std::to_array<Number>({{"SCMP_CMP_NE", SCMP_CMP_NE},
                           {"SCMP_CMP_LT", SCMP_CMP_LT},
                           {"SCMP_CMP_LE", SCMP_CMP_LE},
                           {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                           {"SCMP_CMP_GE", SCMP_CMP_GE},
                           {"SCMP_CMP_GT", SCMP_CMP_GT},
                           {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}});

// linux/seccomp.h; spelled out since the build host's header may be older.
constexpr std::array FLAGS =
    std::to_array<Number>({{"SECCOMP_FILTER_FLAG_TSYNC", 1},
                           {"SECCOMP_FILTER_FLAG_LOG", 2},
                           {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4},
                           {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32}});

template <typename Table>
void look_up(const Table& table, const JsonObject& holder, const char* key, uint32_t& out) {
  std::string name;
  holder.text(key, name);
  for (const Number& entry : table) {
    if (name != entry.name) continue;
    out = entry.value;
    return;
  }
  holder.reject(key, "is not known: " + name);
}

// ERRNO and TRACE carry a number of 16 bits, EPERM by default (runtime-spec).
uint32_t with_errno(const JsonObject& holder, const char* key, uint32_t action) {
  if (action != SCMP_ACT_ERRNO(0) && action != SCMP_ACT_TRACE(0)) {
    if (holder.has(key)) holder.reject(key, "is only for SCMP_ACT_ERRNO and SCMP_ACT_TRACE");
    return action;
  }
  uint16_t number = EPERM;
  holder.number(key, number);
  return action | number;
}

void read_rule(const JsonObject& entry, Seccomp& out) {
  SeccompRule rule;
  entry.strings("names", rule.names);
  if (rule.names.empty()) entry.reject("names", "must name at least one system call");
  look_up(ACTIONS, entry, "action", rule.action);
  rule.action = with_errno(entry, "errnoRet", rule.action);
  entry.each("args", [&](const JsonObject& arg) {
    SeccompArg compare;
    uint32_t op = 0;
    arg.number("index", compare.index);
    arg.number("value", compare.value);
    arg.number("valueTwo", compare.value_two);
    look_up(OPERATORS, arg, "op", op);
    compare.op = static_cast<int>(op);
    if (compare.index > 5) arg.reject("index", "must be from 0 to 5");
    rule.args.push_back(compare);
  });
  if (rule.action == SCMP_ACT_NOTIFY) out.notify = true;
  out.rules.push_back(std::move(rule));
}

} // namespace

void read_seccomp(const JsonObject& seccomp, Seccomp& out, std::vector<std::string>& warnings) {
  look_up(ACTIONS, seccomp, "defaultAction", out.default_action);
  out.default_action = with_errno(seccomp, "defaultErrnoRet", out.default_action);
  std::vector<std::string> names;
  seccomp.strings("architectures", names);
  for (const std::string& name : names) {
    std::string lower = name.starts_with("SCMP_ARCH_") ? name.substr(10) : name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const uint32_t arch = seccomp_arch_resolve_name(lower.c_str());
    if (arch == 0) warnings.push_back("unknown seccomp architecture " + name + " is left out");
    else out.architectures.push_back(arch);
  }
  std::vector<std::string> flags;
  seccomp.strings("flags", flags);
  for (const std::string& flag : flags) {
    bool found = false;
    for (const Number& entry : FLAGS) {
      if (flag != entry.name) continue;
      out.flags |= entry.value;
      found = true;
    }
    if (!found) seccomp.reject("flags", "is not known: " + flag);
  }
  seccomp.text("listenerPath", out.listener_path);
  seccomp.text("listenerMetadata", out.listener_metadata);
  seccomp.each("syscalls", [&](const JsonObject& entry) { read_rule(entry, out); });
  if (out.default_action == SCMP_ACT_NOTIFY) out.notify = true;
  if (out.notify && out.listener_path.empty())
    seccomp.reject("listenerPath", "must be given for SCMP_ACT_NOTIFY");
  if (seccomp.raw() != nullptr) out.source = json_text(*seccomp.raw());
}

} // namespace fairlead
