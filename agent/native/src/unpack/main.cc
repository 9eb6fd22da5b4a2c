// fairlead-runtime unpack: applies a tar stream from stdin to a directory, confined to it.
// With --layer, given once or more and lowest first, it copies unpacked layers instead.
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "commands.hh"
#include "unpack/confine.hh"
#include "unpack/flatten.hh"
#include "unpack/layer.hh"
#include "unpack/name.hh"

namespace fairlead {

namespace {

struct Options {
  std::string root;
  Whiteouts whiteouts = Whiteouts::overlay;
  std::vector<std::string> lower;
  std::vector<std::string> layers;
  bool sync = false;
};

Result<Options> read_options(int argc, char** argv) {
  Options options;
  for (int at = 1; at < argc; at++) {
    const std::string name = argv[at];
    if (name == "--sync") {
      options.sync = true;
      continue;
    }
    if (at + 1 >= argc) return refuse("read options", "a value is missing", name);
    const std::string value = argv[++at];
    if (name == "--root") options.root = value;
    else if (name == "--lower") options.lower.push_back(value);
    else if (name == "--layer") options.layers.push_back(value);
    else if (name == "--whiteouts" && value == "overlay") options.whiteouts = Whiteouts::overlay;
    else if (name == "--whiteouts" && value == "plain") options.whiteouts = Whiteouts::plain;
    else if (name == "--whiteouts" && value == "marker") options.whiteouts = Whiteouts::marker;
    else return refuse("read options", "unknown option", name);
  }
  if (options.root.empty()) return refuse("read options", "--root DIR is required");
  return options;
}

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

std::unexpected<Error> damaged(archive* reader, const std::string& after) {
  const char* text = archive_error_string(reader);
  return refuse("read archive", text == nullptr ? "damaged" : text,
                after.empty() ? "" : "after " + after);
}

Status apply_stream(Layer& layer) {
  const Reader reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  // A layer of 0 bytes has no entries.
  archive_read_support_format_empty(reader.get());
  archive_read_support_filter_none(reader.get());
  if (archive_read_open_fd(reader.get(), STDIN_FILENO, 256 * 1024) != ARCHIVE_OK)
    return damaged(reader.get(), "");
  std::string last;
  while (true) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    // A warning is about text that the locale cannot show; anything worse is damage.
    if (result < ARCHIVE_WARN) return damaged(reader.get(), last);
    if (Status applied = layer.apply(reader.get(), entry); !applied) return applied;
    const char* name = archive_entry_pathname(entry);
    last = name == nullptr ? "" : printable(name);
  }
  return layer.finish();
}

// What follows the end of the archive is read too, so that the writer never sees a broken pipe.
void drain() {
  char rest[64 * 1024];
  while (true) {
    const ssize_t count = read(STDIN_FILENO, rest, sizeof rest);
    if (count == 0 || (count < 0 && errno != EINTR)) return;
  }
}

Result<std::vector<Fd>> open_layers(const Options& options) {
  std::vector<Fd> layers;
  for (const std::string& directory : options.layers) {
    Fd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail("open layer", directory);
    layers.push_back(std::move(fd));
  }
  return layers;
}

Result<Layer> unpack(const Options& options) {
  Parents parents;
  const Result<std::vector<Fd>> layers = open_layers(options);
  if (!layers) return std::unexpected(layers.error());
  for (const std::string& directory : options.lower)
    if (Status opened = parents.open(directory); !opened) return std::unexpected(opened.error());
  if (Status confined = confine(options.root); !confined) return std::unexpected(confined.error());
  umask(0);
  Layer layer(options.whiteouts, std::move(parents));
  for (const Fd& copied : *layers)
    if (Status done = flatten(copied); !done) return std::unexpected(done.error());
  if (layers->empty()) {
    if (Status applied = apply_stream(layer); !applied) return std::unexpected(applied.error());
    drain();
  }
  if (options.sync) {
    const Fd root(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root || syncfs(root.get()) != 0) return fail("sync", options.root);
  }
  return layer;
}

} // namespace

int unpack_main(int argc, char** argv) {
  // Names in pax headers are UTF-8, which libarchive converts to the locale's encoding.
  setlocale(LC_CTYPE, "C.UTF-8");
  const Result<Options> options = read_options(argc, argv);
  const Result<Layer> layer =
      options ? unpack(*options) : Result<Layer>(std::unexpected(options.error()));
  if (!layer) {
    std::printf("{\"ok\":false,\"error\":%s}\n", to_json(layer.error()).c_str());
    return 1;
  }
  std::printf("{\"ok\":true,\"entries\":%llu,\"bytes\":%llu}\n",
              static_cast<unsigned long long>(layer->entries()),
              static_cast<unsigned long long>(layer->bytes()));
  return 0;
}

} // namespace fairlead
