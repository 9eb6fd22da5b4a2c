// state.json on its disk: replaced atomically, and never half a version behind for long.
#pragma once
#include <memory>
#include <string>

#include "base/error.hh"
#include "shim/bundle/state.hh"
#include "shim/disk/disk.hh"

namespace fairlead::shim {

class StateFile {
public:
  StateFile(Disk& disk, const std::string& directory)
      : disk_(disk), path_(directory + "/state.json"), draft_(path_ + ".new") {}

  // Replaces the file by way of a temporary one and rename(2). While the disk stands still this
  // returns without a word, and the last state that was given follows when it moves again.
  Status save(const State& state);

private:
  struct Replace;
  void submit(std::string text);

  Disk& disk_;
  std::string path_, draft_;
  bool saving_ = false;
  std::string next_; // waits until the one before is done
  Status outcome_;   // of the last one
};

} // namespace fairlead::shim
