// How the shim meets a process of its own inside a container that others have made: the entry
// program (entry.cc), which finishes the process and waits for start.
#pragma once
#include <functional>

#include "runtime/launch.hh"
#include "runtime/stdio.hh"

namespace fairlead::shim {

// The two ends of the meeting; `theirs` goes to the entry program, by its number.
class Meeting {
public:
  static Result<Meeting> open();
  int theirs() const { return theirs_.get(); }

  // Waits for the entry program, gives it the process and its streams, and attends it until it
  // waits for start. `going` is asked again and again, and ends the wait with its error.
  Result<Launched> attend(const Spec& container, const ProcessSpec& process, const Stdio& stdio,
                          bool furnish, const std::function<Status()>& going);

private:
  Meeting(Fd ours, Fd theirs) : ours_(std::move(ours)), theirs_(std::move(theirs)) {}
  Fd ours_, theirs_;
};

} // namespace fairlead::shim
