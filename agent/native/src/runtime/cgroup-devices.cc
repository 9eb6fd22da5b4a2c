// Access to devices: rules for the v1 controller, and the same as an eBPF program for v2.
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/fd.hh"
#include "runtime/cgroup-limits.hh"

namespace fairlead {

namespace {

std::string access_of(const DeviceRule& rule) {
  return std::string(rule.read ? "r" : "") + (rule.write ? "w" : "") + (rule.mknod ? "m" : "");
}

std::string number_or_star(int64_t number) { return number < 0 ? "*" : std::to_string(number); }

bpf_insn insn(int code, int to, int from, int offset, int32_t value) {
  bpf_insn out{};
  out.code = static_cast<__u8>(code);
  out.dst_reg = static_cast<__u8>(to) & 0xfU;
  out.src_reg = static_cast<__u8>(from) & 0xfU;
  out.off = static_cast<__s16>(offset);
  out.imm = value;
  return out;
}

using Program = std::vector<bpf_insn>;

void answer(Program& program, bool allow) {
  program.push_back(insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, allow ? 1 : 0));
  program.push_back(insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

// Registers: r2 type, r3 access, r4 major, r5 minor (struct bpf_cgroup_dev_ctx).
void load_context(Program& program) {
  program.push_back(insn(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0));
  program.push_back(insn(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff));
  program.push_back(insn(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 0, 0));
  program.push_back(insn(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16));
  program.push_back(insn(BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0));
  program.push_back(insn(BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0));
}

// One rule: answers when everything matches, else falls through to the next.
void add_rule(Program& program, const DeviceRule& rule) {
  Program body;
  const size_t tests_at = 0;
  const int bits = (rule.mknod ? BPF_DEVCG_ACC_MKNOD : 0) | (rule.read ? BPF_DEVCG_ACC_READ : 0) |
                   (rule.write ? BPF_DEVCG_ACC_WRITE : 0);
  std::vector<size_t> jumps;
  const auto unless_equal = [&](int reg, int32_t value) {
    jumps.push_back(body.size());
    body.push_back(insn(BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, value));
  };
  if (rule.type != 'a')
    unless_equal(2, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  if (bits != 7) {
    body.push_back(insn(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0));
    body.push_back(insn(BPF_ALU | BPF_AND | BPF_K, 1, 0, 0, bits));
    // Allow: every asked bit must be granted. Deny: any denied bit suffices.
    jumps.push_back(body.size());
    body.push_back(rule.allow ? insn(BPF_JMP | BPF_JNE | BPF_X, 1, 3, 0, 0)
                              : insn(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0, 0));
  }
  if (rule.major >= 0) unless_equal(4, static_cast<int32_t>(rule.major));
  if (rule.minor >= 0) unless_equal(5, static_cast<int32_t>(rule.minor));
  answer(body, rule.allow);
  for (const size_t at : jumps) body[at].off = static_cast<__s16>(body.size() - at - 1);
  program.insert(program.end(), body.begin() + tests_at, body.end());
}

Program build(const std::vector<DeviceRule>& rules) {
  Program program;
  load_context(program);
  bool decided = false;
  // The last rule that matches decides, so the program asks them in reverse.
  for (auto rule = rules.rbegin(); rule != rules.rend() && !decided; ++rule) {
    const bool all = rule->type == 'a' && rule->major < 0 && rule->minor < 0 && rule->read &&
                     rule->write && rule->mknod;
    if (all) answer(program, rule->allow);
    else add_rule(program, *rule);
    decided = all;
  }
  if (!decided) answer(program, true);
  return program;
}

long bpf(int command, bpf_attr& attributes) {
  return syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

std::vector<uint32_t> attached_programs(int directory) {
  std::vector<uint32_t> ids(64);
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<__u32>(directory);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<__u64>(ids.data());
  attributes.query.prog_cnt = static_cast<__u32>(ids.size());
  if (bpf(BPF_PROG_QUERY, attributes) < 0) return {};
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

void detach(int directory, uint32_t id) {
  bpf_attr attributes{};
  attributes.prog_id = id;
  const Fd program(static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, attributes)));
  if (!program) return;
  bpf_attr removal{};
  removal.target_fd = static_cast<__u32>(directory);
  removal.attach_bpf_fd = static_cast<__u32>(program.get());
  removal.attach_type = BPF_CGROUP_DEVICE;
  bpf(BPF_PROG_DETACH, removal);
}

} // namespace

std::vector<DeviceRule> device_rules(const Resources& resources) {
  std::vector<DeviceRule> rules = resources.devices;
  if (rules.empty()) return rules;
  // The default devices of runtime-spec, and making of nodes, which alone opens nothing.
  rules.push_back({true, 'c', -1, -1, false, false, true});
  rules.push_back({true, 'b', -1, -1, false, false, true});
  constexpr std::pair<int, int> DEFAULTS[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8},
                                              {1, 9}, {5, 0}, {5, 2}, {136, -1}};
  for (const auto& [major, minor] : DEFAULTS)
    rules.push_back({true, 'c', major, minor, true, true, true});
  return rules;
}

Status limit_devices_v1(const CgroupFolder& folder, const std::vector<DeviceRule>& rules) {
  for (const DeviceRule& rule : rules) {
    const std::string line = std::string(1, rule.type) + " " + number_or_star(rule.major) + ":" +
                             number_or_star(rule.minor) + " " + access_of(rule);
    if (access_of(rule).empty()) continue;
    if (Status done = folder.set(rule.allow ? "devices.allow" : "devices.deny", line); !done)
      return done;
  }
  return {};
}

Status limit_devices_v2(const CgroupFolder& folder, const std::vector<DeviceRule>& rules) {
  const Fd directory(open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail("open cgroup", folder.path);
  const Program program = build(rules);
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<__u64>(program.data());
  load.insn_cnt = static_cast<__u32>(program.size());
  load.license = reinterpret_cast<__u64>("Apache-2.0");
  const Fd loaded(static_cast<int>(bpf(BPF_PROG_LOAD, load)));
  if (!loaded) return fail("load device program", folder.path);
  const std::vector<uint32_t> before = attached_programs(directory.get());
  bpf_attr attach{};
  attach.target_fd = static_cast<__u32>(directory.get());
  attach.attach_bpf_fd = static_cast<__u32>(loaded.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, attach) < 0) return fail("attach device program", folder.path);
  for (const uint32_t id : before) detach(directory.get(), id);
  return {};
}

} // namespace fairlead
