// Deletions in a layer, in the three forms that they take on disk.
#pragma once
#include <sys/stat.h>

#include <string>
#include <unordered_set>

#include "base/error.hh"

namespace fairlead {

enum class Whiteouts {
  overlay, // a character device 0/0, and the attribute trusted.overlay.opaque
  plain,   // what is deleted is removed from the root, which holds the lower layers too
  marker,  // the file .wh.NAME itself, for file systems that cannot hold the overlay form
};

enum class WhiteoutKind { none, file, opaque, metadata };

// What the last part of a name means; `metadata` are the other .wh..wh.* names of AUFS.
WhiteoutKind whiteout_kind(const std::string& base);

bool is_whiteout(const struct stat& seen);

// Hides the lower layers' content of a directory; only in the overlay form.
Status make_opaque(const std::string& directory);

// Deletes `path`, or with an opaque whiteout all that `path` holds, except what this layer made
// itself (`own`): a whiteout only concerns the layers below, wherever it stands in the archive.
Status hide(const std::string& path, Whiteouts form, const std::unordered_set<std::string>& own);
Status hide_content(const std::string& directory, Whiteouts form,
                    const std::unordered_set<std::string>& own);

} // namespace fairlead
