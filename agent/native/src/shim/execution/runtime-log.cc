// Finding the reason in a runtime's log.
#include "shim/execution/runtime-log.hh"

#include <sys/wait.h>

#include <cctype>

#include "base/file.hh"
#include "shim/json/fields.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_LOG = 16U << 20U;
constexpr size_t MOST_REASON = 2000;

std::string trimmed(const std::string& text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  if (from == text.npos) return "";
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::string last_line(const std::string& text) {
  const std::string all = trimmed(text);
  const size_t at = all.rfind('\n');
  return at == all.npos ? all : trimmed(all.substr(at + 1));
}

// The last error among lines of JSON; warnings and notes do not count.
std::string reason_in(const std::string& log) {
  std::string found;
  for (size_t at = 0; at < log.size();) {
    const size_t end = std::min(log.find('\n', at), log.size());
    const std::string line = log.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with('{')) continue;
    const auto entry = parse_object(line, "log of the runtime");
    if (!entry) continue;
    Fields fields(*entry, "log of the runtime");
    const std::string level = fields.text_or("level", "error");
    const std::string message = fields.text_or("msg", "");
    if (!message.empty() && (level == "error" || level == "fatal")) found = message;
  }
  return found;
}

// The words of runc, crun, runsc and youki; dockerd tells exit codes from them, too.
int errno_of(const std::string& reason) {
  std::string low;
  for (const unsigned char c : reason) low += static_cast<char>(std::tolower(c));
  const bool of_program = low.find("exec") != low.npos || low.find("executable") != low.npos;
  if (!of_program) return 0;
  const auto has = [&low](const char* words) { return low.find(words) != low.npos; };
  if (has("executable file") && has("not found")) return ENOENT;
  if (has("no such file or directory")) return ENOENT;
  if (has("is a directory")) return EISDIR;
  if (has("permission denied")) return EACCES;
  if (has("exec format error")) return ENOEXEC;
  return 0;
}

} // namespace

Error runtime_error(const std::string& what, const std::string& log_path, const Answer& answer,
                    const std::string& program) {
  std::string reason;
  if (const auto log = read_file(log_path, MOST_LOG)) {
    reason = reason_in(*log);
    if (reason.empty() && !log->starts_with('{')) reason = last_line(*log);
  }
  if (reason.empty()) reason = last_line(answer.output);
  if (reason.empty()) {
    reason = WIFSIGNALED(answer.wait_status)
                 ? "ended by signal " + std::to_string(WTERMSIG(answer.wait_status))
                 : "exit status " + std::to_string(WEXITSTATUS(answer.wait_status));
  }
  if (reason.size() > MOST_REASON) reason.resize(MOST_REASON);
  if (!program.empty()) {
    if (const int code = errno_of(reason); code != 0) return {"exec", code, program, {}};
  }
  return {what, 0, {}, reason};
}

} // namespace fairlead::shim
