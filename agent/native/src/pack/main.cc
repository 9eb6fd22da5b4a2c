// fairlead-runtime pack: writes a layer in the form of the OCI image specification to stdout. What
// it has comes on stdin, each part ended by a NUL: "+PATH" is taken from the tree, "=PATH" and then
// "NAME" is taken and gets another name, "/NAME" is a directory of root's that the tree need not
// have, "-PATH" is deleted in this layer. It sees nothing but the tree.
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "commands.hh"
#include "pack/writer.hh"
#include "unpack/confine.hh"
#include "unpack/name.hh"

namespace fairlead {

namespace {

struct Options {
  std::string root;
  Changes changes;
};

Result<int64_t> number(const std::string& option, const char* text, int base) {
  char* end = nullptr;
  const int64_t value = std::strtoll(text, &end, base);
  if (*end != '\0' || end == text || value < 0)
    return refuse("read options", "not a number", option);
  return value;
}

Result<Options> read_options(int argc, char** argv) {
  Options options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    if (name == "--root") {
      options.root = argv[at + 1];
      continue;
    }
    const Result<int64_t> value = number(name, argv[at + 1], name == "--mode" ? 8 : 10);
    if (!value) return std::unexpected(value.error());
    if (name == "--latest") options.changes.latest = *value;
    else if (name == "--uid") options.changes.uid = *value;
    else if (name == "--gid") options.changes.gid = *value;
    else if (name == "--mode") options.changes.mode = *value;
    else return refuse("read options", "unknown option", name);
  }
  if (argc % 2 == 0) return refuse("read options", "a value is missing", argv[argc - 1]);
  if (options.root.empty()) return refuse("read options", "--root DIR is required");
  return options;
}

// The next part of the list; false at its end.
class Parts {
public:
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { std::free(line_); }

  bool next() { return getdelim(&line_, &room_, '\0', stdin) > 0; }
  const char* text() const { return line_; }

private:
  char* line_ = nullptr;
  size_t room_ = 0;
};

Status add_part(LayerWriter& writer, Parts& parts) {
  const char kind = *parts.text();
  const Result<std::string> path = clean_name(parts.text() + 1);
  if (!path) return std::unexpected(path.error());
  switch (kind) {
  case '-': return writer.deleted(*path);
  case '+': return writer.add(*path, *path);
  case '/': return writer.directory(*path);
  case '=': break;
  default: return refuse("read paths", "a path begins with one of + = / -", printable(*path));
  }
  if (!parts.next()) return refuse("read paths", "a name is missing", printable(*path));
  const Result<std::string> name = clean_name(parts.text());
  if (!name) return std::unexpected(name.error());
  return writer.add(*path, *name);
}

Status pack(const Options& options) {
  if (Status confined = confine(options.root); !confined) return confined;
  LayerWriter writer(options.changes);
  if (Status opened = writer.open(STDOUT_FILENO); !opened) return opened;
  Parts parts;
  while (parts.next())
    if (Status added = add_part(writer, parts); !added) return added;
  return writer.finish();
}

} // namespace

int pack_main(int argc, char** argv) {
  setlocale(LC_CTYPE, "C.UTF-8");
  const Result<Options> options = read_options(argc, argv);
  const Status packed = options ? pack(*options) : Status(std::unexpected(options.error()));
  if (packed) return 0;
  std::fprintf(stderr, "%s\n", to_json(packed.error()).c_str());
  return 1;
}

} // namespace fairlead
