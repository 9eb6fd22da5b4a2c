// The commands of the OCI runtime. Each gets the words after its name and returns the exit status,
// or an error that is reported once, in main.
#pragma once
#include <string>
#include <vector>

#include "base/error.hh"
#include "oci/arguments.hh"
#include "oci/store.hh"

namespace fairlead {

struct Call {
  Store store;
  std::string name, synopsis; // of the command, for --help
  std::string log;            // a file for errors, besides stderr
  bool log_json = false;
  bool debug = false;             // say more there
  bool systemd_cgroup = false;    // units of systemd hold the containers
  bool rootless = false;          // cgroups that may not be made are done without
  std::vector<std::string> words; // after the command's name
  char** argv = nullptr;          // the whole command line, to run again from a sealed copy

  // Reads the command's flags and checks the number of words that remain; with --help it ends here.
  Result<Arguments> read(std::initializer_list<Flag> known, size_t least, size_t most) const;
  // What the command is to be used like; ends the process.
  [[noreturn]] void help(std::initializer_list<Flag> known) const;
  void warn(const std::string& text) const;
};

using Command = Result<int> (*)(const Call&);

Result<int> create_command(const Call& call);
Result<int> run_command(const Call& call);
Result<int> start_command(const Call& call);
Result<int> state_command(const Call& call);
Result<int> kill_command(const Call& call);
Result<int> delete_command(const Call& call);
Result<int> exec_command(const Call& call);
Result<int> list_command(const Call& call);
Result<int> ps_command(const Call& call);
Result<int> pause_command(const Call& call);
Result<int> resume_command(const Call& call);
Result<int> update_command(const Call& call);
Result<int> events_command(const Call& call);
Result<int> checkpoint_command(const Call& call); // refuses, and so does restore
Result<int> features_command(const Call& call);
Result<int> spec_command(const Call& call);

// Shared by delete and run: removes what is left of a container and runs the poststop hooks.
// Without a configuration nobody knows its hooks any more.
Status delete_container(const Call& call, const Record& record, const Spec* spec);
// terminal.cc: hands the pty's master to a console socket (unix(7), SCM_RIGHTS).
Status send_console(const std::string& socket_path, int master);
// Joins the caller's terminal with a pty until the process ends; returns its exit status.
int attend_process(pid_t pid, int master);
// Writes the pid in decimal, atomically, as callers poll for the file.
Status write_pid_file(const std::string& path, pid_t pid);
std::string exit_text(const Error& error);

} // namespace fairlead
