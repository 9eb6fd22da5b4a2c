// The OCI runtime command line: global options, the table of commands, and reporting of errors.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/json-text.hh"
#include "base/rfc3339.hh"
#include "commands.hh"
#include "oci/command.hh"
#include "runtime/seal.hh"
#include "runtime/user-namespace.hh"

namespace fairlead {

namespace {

struct Entry {
  const char* name;
  Command command;
  const char* synopsis;
};
constexpr Entry COMMANDS[] = {{"create", create_command, "CONTAINER"},
                              {"run", run_command, "CONTAINER"},
                              {"start", start_command, "CONTAINER"},
                              {"state", state_command, "CONTAINER"},
                              {"kill", kill_command, "CONTAINER [SIGNAL]"},
                              {"delete", delete_command, "CONTAINER"},
                              {"exec", exec_command, "CONTAINER COMMAND [ARGUMENT…]"},
                              {"list", list_command, ""},
                              {"ps", ps_command, "CONTAINER [OPTION OF PS…]"},
                              {"pause", pause_command, "CONTAINER"},
                              {"resume", resume_command, "CONTAINER"},
                              {"update", update_command, "CONTAINER"},
                              {"events", events_command, "CONTAINER"},
                              {"features", features_command, ""},
                              {"spec", spec_command, ""},
                              {"checkpoint", checkpoint_command, "CONTAINER"},
                              {"restore", checkpoint_command, "CONTAINER"}};

constexpr std::initializer_list<Flag> GLOBAL = {
    {"root", '\0', true},       {"log", '\0', true},
    {"log-format", '\0', true}, {"debug"},
    {"systemd-cgroup"},         {"rootless", '\0', true},
    {"version", 'v'},           {"cgroup-manager", '\0', true}};

void append_log(const Call& call, const char* level, const std::string& text) {
  if (call.log.empty()) {
    if (call.debug) std::fprintf(stderr, "fairlead-runtime: %s: %s\n", level, text.c_str());
    return;
  }
  const Fd file(open(call.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!file) return;
  const std::string when = now_rfc3339();
  const std::string line =
      call.log_json ? "{\"level\":" + quoted(level) + ",\"msg\":" + quoted(text) +
                          ",\"time\":" + quoted(when) + "}\n"
                    : "time=" + quoted(when) + " level=" + level + " msg=" + quoted(text) + "\n";
  if (write(file.get(), line.data(), line.size()) < 0) std::perror("fairlead-runtime: log");
}

int report(const Call& call, const std::string& text) {
  append_log(call, "error", text);
  std::fprintf(stderr, "fairlead-runtime: %s\n", text.c_str());
  return 1;
}

int usage() {
  std::puts("usage: fairlead-runtime [--root DIR] [--log FILE] [--log-format text|json]\n"
            "           [--debug] [--systemd-cgroup | --cgroup-manager cgroupfs|systemd]\n"
            "           [--rootless true|false|auto] COMMAND [--help]\n"
            "commands: create run start state kill delete exec list ps pause resume update\n"
            "          events features spec shim unpack dial-stdio");
  return 0;
}

// The words of Go's flags, as runc takes them. By itself a caller is rootless who is an ordinary
// user, or root only within a user namespace.
Result<bool> is_rootless(const std::string& word) {
  if (word == "auto") return geteuid() != 0 || in_user_namespace();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (word == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (word == no) return false;
  return refuse("read options", "--rootless must be true, false or auto", word);
}

// A rootless podman calls as root of the user's namespace, which may not write to /run.
std::string default_root() {
  const char* runtime_dir = getenv("XDG_RUNTIME_DIR");
  const bool ordinary = geteuid() != 0 || (access("/run", W_OK) != 0 && in_user_namespace());
  if (!ordinary || runtime_dir == nullptr) return "/run/fairlead-runtime";
  return std::string(runtime_dir) + "/fairlead-runtime";
}

int version() {
  std::puts("fairlead-runtime version 0.1.0\ncommit: none\nspec: 1.3.0");
  return 0;
}

// Without a place to write to, errors would be lost to who has asked for a log.
Status read_logging(const Arguments& global, Call& call) {
  call.log = global.value("log");
  call.debug = global.has("debug");
  const std::string format = global.value("log-format", "text");
  if (format != "json" && format != "text")
    return refuse("read options", "--log-format must be text or json", format);
  call.log_json = format == "json";
  if (call.log.empty()) return {};
  const Fd file(open(call.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  return file ? Status{} : fail("open log", std::exchange(call.log, ""));
}

Status read_cgroup_manager(const Arguments& global, Call& call) {
  call.systemd_cgroup = global.has("systemd-cgroup");
  const std::string manager = global.value("cgroup-manager");
  if (manager == "systemd") call.systemd_cgroup = true;
  else if (!manager.empty() && manager != "cgroupfs")
    return refuse("read options", "--cgroup-manager must be cgroupfs or systemd", manager);
  return {};
}

Status read_global(const Arguments& global, Call& call) {
  if (Status done = read_logging(global, call); !done) return done;
  if (Status done = read_cgroup_manager(global, call); !done) return done;
  const auto rootless = is_rootless(global.value("rootless", "auto"));
  if (!rootless) return std::unexpected(rootless.error());
  call.rootless = *rootless;
  call.store = Store(global.value("root", default_root()));
  return {};
}

} // namespace

Result<Arguments> Call::read(std::initializer_list<Flag> known, size_t least, size_t most) const {
  size_t at = 0;
  auto arguments = parse_arguments(words, at, known, false);
  if (!arguments) return arguments;
  if (arguments->has("help")) help(known);
  const size_t count = arguments->rest.size();
  if (count < least) return refuse("read options", "a container id or an argument is missing");
  if (count > most) return refuse("read options", "too many arguments");
  return arguments;
}

void Call::help(std::initializer_list<Flag> known) const {
  const char* options = known.size() > 0 ? " [OPTIONS]" : "";
  std::printf("usage: fairlead-runtime %s%s %s\n", name.c_str(), options, synopsis.c_str());
  for (const Flag& flag : known)
    std::printf("  --%s%s%s%s%s\n", flag.name, flag.letter != '\0' ? ", -" : "",
                std::string(flag.letter != '\0' ? 1 : 0, flag.letter).c_str(),
                flag.takes_value ? " VALUE" : "", flag.many ? " (more than once)" : "");
  std::exit(std::fflush(stdout) == 0 ? 0 : 1);
}

void Call::warn(const std::string& text) const {
  append_log(*this, "warning", text);
  std::fprintf(stderr, "fairlead-runtime: warning: %s\n", text.c_str());
}

std::string exit_text(const Error& error) {
  if (error.step != "exec") return describe(error);
  // The words of runc, which callers look for.
  if (!error.detail.empty()) return "exec: \"" + error.path + "\": " + error.detail;
  if (error.code == EISDIR)
    return "exec: \"" + error.path + "\": is a directory: permission denied";
  std::string cause = std::strerror(error.code);
  cause[0] = static_cast<char>(tolower(cause[0]));
  return "exec: \"" + error.path + "\": " + cause;
}

int oci_main(int argc, char** argv) {
  adopt_view();
  Call call{Store("/run/fairlead-runtime"), {}, {}, {}, false, false, false, false, {}, argv};
  std::vector<std::string> words(argv + 1, argv + argc);
  size_t at = 0;
  const auto global = parse_arguments(words, at, GLOBAL, true);
  if (!global) return report(call, describe(global.error()));
  if (global->has("version")) return version();
  if (global->has("help") || at >= words.size()) return usage();
  if (Status done = read_global(*global, call); !done) return report(call, describe(done.error()));
  call.name = words[at];
  call.words.assign(words.begin() + static_cast<long>(at) + 1, words.end());
  for (const auto& [name, command, synopsis] : COMMANDS) {
    if (call.name != name) continue;
    call.synopsis = synopsis;
    if (call.debug) append_log(call, "debug", "begin of " + call.name);
    const auto status = command(call);
    if (call.debug) append_log(call, "debug", "end of " + call.name);
    if (status) return *status;
    (void)report(call, exit_text(status.error()));
    // As runc and crun: the program may exit with 1 itself.
    return call.name == "exec" ? 255 : 1;
  }
  return report(call, "unknown command " + call.name);
}

} // namespace fairlead
