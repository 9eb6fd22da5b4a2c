// Reads the `process` part of a configuration.
#include <sched.h>
#include <sys/resource.h>

#include <cstdlib>

#include "runtime/names.hh"
#include "runtime/parse.hh"

namespace fairlead {

namespace {

void read_capability_set(const JsonObject& sets, const char* key, uint64_t& out,
                         std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  sets.strings(key, names);
  for (const std::string& name : names) {
    const auto number = capability_number(name);
    if (number) out |= uint64_t{1} << static_cast<unsigned>(*number);
    else warnings.push_back("unknown capability " + name + " is left out"); // runtime-spec 1.1
  }
}

void read_capabilities(const JsonObject& sets, ProcessSpec& out,
                       std::vector<std::string>& warnings) {
  if (!sets) return;
  Capabilities& caps = out.capabilities.emplace();
  read_capability_set(sets, "bounding", caps.bounding, warnings);
  read_capability_set(sets, "effective", caps.effective, warnings);
  read_capability_set(sets, "inheritable", caps.inheritable, warnings);
  read_capability_set(sets, "permitted", caps.permitted, warnings);
  read_capability_set(sets, "ambient", caps.ambient, warnings);
}

void read_user(const JsonObject& user, ProcessSpec& out) {
  user.number("uid", out.uid);
  user.number("gid", out.gid);
  if (user.has("umask")) {
    mode_t umask = 0;
    user.number("umask", umask);
    if (umask > 0777) user.reject("umask", "must be at most 0777 (511)");
    out.umask = umask;
  }
  if (const rapidjson::Value* raw = user.raw(); raw != nullptr) {
    const auto list = raw->FindMember("additionalGids");
    if (list == raw->MemberEnd() || list->value.IsNull()) return;
    if (!list->value.IsArray()) return user.reject("additionalGids", "must be an array");
    for (const auto& gid : list->value.GetArray()) {
      if (!gid.IsUint()) return user.reject("additionalGids", "must hold group numbers");
      out.groups.push_back(gid.GetUint());
    }
  }
}

// RLIM_INFINITY is 2^64-1, which not every writer of JSON can write: -1 means it too, as in runc.
void read_limit(const JsonObject& entry, const char* key, uint64_t& out) {
  const auto member = entry.raw()->FindMember(key);
  const bool infinite = member != entry.raw()->MemberEnd() && member->value.IsInt64() &&
                        member->value.GetInt64() == -1;
  if (infinite) out = RLIM_INFINITY;
  else entry.number(key, out);
}

void read_rlimits(const JsonObject& process, ProcessSpec& out) {
  process.each("rlimits", [&](const JsonObject& entry) {
    std::string name;
    entry.text("type", name);
    const auto type = rlimit_number(name);
    if (!type) return entry.reject("type", "is not a resource limit: " + name);
    Rlimit limit{*type, 0, 0};
    read_limit(entry, "soft", limit.soft);
    read_limit(entry, "hard", limit.hard);
    for (const Rlimit& earlier : out.rlimits)
      if (earlier.type == limit.type) entry.reject("type", "is given twice: " + name);
    out.rlimits.push_back(limit);
  });
}

void read_scheduler(const JsonObject& scheduler, ProcessSpec& out) {
  if (!scheduler) return;
  static constexpr std::pair<const char*, int> POLICIES[] = {{"SCHED_OTHER", SCHED_OTHER},
                                                             {"SCHED_FIFO", SCHED_FIFO},
                                                             {"SCHED_RR", SCHED_RR},
                                                             {"SCHED_BATCH", SCHED_BATCH},
                                                             {"SCHED_IDLE", SCHED_IDLE},
                                                             {"SCHED_DEADLINE", 6},
                                                             {"SCHED_ISO", 4}};
  static constexpr std::pair<const char*, uint64_t> FLAGS[] = {
      {"SCHED_FLAG_RESET_ON_FORK", 1},  {"SCHED_FLAG_RECLAIM", 2},
      {"SCHED_FLAG_DL_OVERRUN", 4},     {"SCHED_FLAG_KEEP_POLICY", 8},
      {"SCHED_FLAG_KEEP_PARAMS", 16},   {"SCHED_FLAG_UTIL_CLAMP_MIN", 32},
      {"SCHED_FLAG_UTIL_CLAMP_MAX", 64}};
  Scheduler& to = out.scheduler.emplace();
  std::string policy;
  scheduler.text("policy", policy);
  bool found = false;
  for (const auto& [name, number] : POLICIES) {
    if (policy != name) continue;
    to.policy = number;
    found = true;
  }
  if (!found) scheduler.reject("policy", "is not a scheduling policy: " + policy);
  scheduler.number("nice", to.nice);
  scheduler.number("priority", to.priority);
  std::vector<std::string> flags;
  scheduler.strings("flags", flags);
  for (const std::string& flag : flags) {
    found = false;
    for (const auto& [name, bit] : FLAGS) {
      if (flag != name) continue;
      to.flags |= bit;
      found = true;
    }
    if (!found) scheduler.reject("flags", "is not a scheduler flag: " + flag);
  }
  scheduler.number("runtime", to.runtime);
  scheduler.number("deadline", to.deadline);
  scheduler.number("period", to.period);
}

void read_io_priority(const JsonObject& entry, ProcessSpec& out) {
  if (!entry) return;
  IoPriority& to = out.io_priority.emplace();
  std::string name;
  entry.text("class", name);
  if (name == "IOPRIO_CLASS_RT") to.io_class = 1;
  else if (name == "IOPRIO_CLASS_BE") to.io_class = 2;
  else if (name == "IOPRIO_CLASS_IDLE") to.io_class = 3;
  else entry.reject("class", "is not an I/O class: " + name);
  entry.number("priority", to.priority);
  if (to.priority < 0 || to.priority > 7) entry.reject("priority", "must be from 0 to 7");
}

} // namespace

void read_number_list(const JsonObject& holder, const char* key, unsigned long most,
                      std::vector<bool>& out) {
  std::string text;
  holder.text(key, text);
  for (const char* at = text.c_str(); *at != '\0';) {
    char* end = nullptr;
    const unsigned long first = strtoul(at, &end, 10);
    unsigned long last = first;
    if (end != at && *end == '-') {
      at = end + 1;
      last = strtoul(at, &end, 10);
    }
    if (end == at || last < first || last >= most || (*end != ',' && *end != '\0'))
      return holder.reject(key, "is not a list of numbers: " + text);
    if (out.size() <= last) out.resize(last + 1);
    for (unsigned long number = first; number <= last; ++number) out[number] = true;
    at = *end == ',' ? end + 1 : end;
  }
}

void read_process(const JsonObject& process, ProcessSpec& out, std::vector<std::string>& warnings) {
  process.flag("terminal", out.terminal);
  const JsonObject size = process.object("consoleSize");
  size.number("height", out.rows);
  size.number("width", out.cols);
  read_user(process.object("user"), out);
  process.strings("args", out.args);
  process.strings("env", out.env);
  process.text("cwd", out.cwd);
  if (out.cwd.empty() || out.cwd[0] != '/') process.reject("cwd", "must be an absolute path");
  if (process.has("commandLine")) process.reject("commandLine", "is for Windows only");
  if (out.args.empty()) process.reject("args", "must name a program");
  read_capabilities(process.object("capabilities"), out, warnings);
  read_rlimits(process, out);
  process.flag("noNewPrivileges", out.no_new_privileges);
  process.text("apparmorProfile", out.apparmor_profile);
  process.text("selinuxLabel", out.selinux_label);
  process.number("oomScoreAdj", out.oom_score_adj);
  read_scheduler(process.object("scheduler"), out);
  read_io_priority(process.object("ioPriority"), out);
  const JsonObject affinity = process.object("execCPUAffinity");
  read_number_list(affinity, "initial", CPU_SETSIZE, out.affinity_initial);
  read_number_list(affinity, "final", CPU_SETSIZE, out.affinity_final);
}

} // namespace fairlead
