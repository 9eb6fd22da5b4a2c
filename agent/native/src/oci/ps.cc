// The command ps: the processes of a container, by their numbers or as ps(1) shows them.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/file.hh"
#include "base/words.hh"
#include "oci/command.hh"
#include "oci/placement.hh"

namespace fairlead {

namespace {

std::string command_line(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/cmdline", 1U << 20U);
  std::string line = text ? *text : "";
  while (!line.empty() && line.back() == '\0') line.pop_back();
  for (char& c : line) // nothing of a container's may move the cursor of who looks
    c = c == '\0' ? ' ' : static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return line;
}

// What ps(1) of this host prints with these options.
Result<std::string> output_of_ps(const std::vector<std::string>& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail("make pipe");
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
  std::vector<std::string> words = {"ps"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int failure = posix_spawnp(&pid, "ps", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  errno = failure;
  if (failure != 0) return fail("run ps", "ps");
  writer.reset();
  std::string text;
  char bytes[65536];
  for (ssize_t got; (got = read(reader.get(), bytes, sizeof bytes)) != 0;)
    if (got > 0) text.append(bytes, static_cast<size_t>(got));
    else if (errno != EINTR) break;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) return refuse("run ps", "it failed", "ps");
  return text;
}

// The heading, and the lines that have one of these numbers in the column PID.
Status print_rows(const std::string& text, const std::vector<pid_t>& pids) {
  size_t column = std::string::npos;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const auto words = words_of(line);
    at = end + 1;
    if (column == std::string::npos) {
      column = static_cast<size_t>(std::ranges::find(words, "PID") - words.begin());
      if (column == words.size()) return refuse("run ps", "its options leave out the column PID");
      std::puts(line.c_str());
      continue;
    }
    if (column >= words.size()) continue;
    const auto pid = static_cast<pid_t>(atol(std::string(words[column]).c_str()));
    if (std::ranges::find(pids, pid) != pids.end()) std::puts(line.c_str());
  }
  return {};
}

} // namespace

Result<int> ps_command(const Call& call) {
  size_t at = 0;
  constexpr Flag FORMAT{"format", 'f', true};
  auto arguments = parse_arguments(call.words, at, {FORMAT}, true);
  if (!arguments) return std::unexpected(arguments.error());
  if (arguments->has("help")) call.help({FORMAT});
  if (at >= call.words.size()) return refuse("read options", "a container id is missing");
  const auto record = call.store.load(call.words[at]);
  if (!record) return std::unexpected(record.error());
  // The format may stand behind the id, too; all else there is for ps(1).
  std::vector<std::string> options(call.words.begin() + static_cast<long>(at) + 1,
                                   call.words.end());
  std::string format = arguments->value("format", "table");
  if (options.size() == 2 && options[0] == "--format") {
    format = options[1];
    options.clear();
  }
  const auto pids = cgroup_of(*record).pids();
  if (!pids) return std::unexpected(pids.error());
  if (format != "table" && format != "json")
    return refuse("read options", "--format must be table or json", format);
  if (format == "table" && !options.empty()) {
    const auto text = output_of_ps(options);
    if (!text) return std::unexpected(text.error());
    if (Status done = print_rows(*text, *pids); !done) return std::unexpected(done.error());
    return 0;
  }
  std::string out;
  if (format == "table") std::printf("%-8s %s\n", "PID", "CMD");
  for (const pid_t pid : *pids) {
    if (format == "table") std::printf("%-8d %s\n", pid, command_line(pid).c_str());
    out += (out.empty() ? "" : ",") + std::to_string(pid);
  }
  if (format == "json") std::printf("[%s]\n", out.c_str());
  return 0;
}

} // namespace fairlead
