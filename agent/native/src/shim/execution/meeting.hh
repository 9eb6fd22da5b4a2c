// How the shim meets a process of its own inside a container that others have made: the entry
// program (entry.cc), which finishes the process and waits for start.
#pragma once
#include "runtime/launch.hh"
#include "runtime/stdio.hh"

namespace fairlead::shim {

// The two ends of the meeting; `theirs` goes to the entry program, by its number.
class Meeting {
public:
  static Result<Meeting> open();
  int theirs() const { return theirs_.get(); }

  // Waits for the entry program, gives it the process and its streams, and attends it until it
  // waits for start. When `sender`, who is to bring it, ends before that, fails with ECHILD.
  Async<Result<Launched>> attend(Waiter& waiter, pid_t sender, const Spec& container,
                                 const ProcessSpec& process, const Stdio& stdio, bool furnish);

private:
  Async<Status> arrival(Waiter& waiter, pid_t sender);
  Meeting(Fd ours, Fd theirs) : ours_(std::move(ours)), theirs_(std::move(theirs)) {}
  Fd ours_, theirs_;
};

} // namespace fairlead::shim
