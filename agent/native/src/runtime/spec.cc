// Reads config.json: the parts outside `linux`, and the checks across parts.
#include "runtime/spec.hh"

#include <cstring>

#include "base/file.hh"
#include "runtime/names.hh"
#include "runtime/parse.hh"

namespace fairlead {

namespace {

// Only "MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]" of major version 1 is a configuration we know.
bool known_version(const std::string& version) {
  size_t at = 0;
  for (int part = 0; part < 3; ++part) {
    const size_t start = at;
    while (at < version.size() && version[at] >= '0' && version[at] <= '9') ++at;
    if (at == start) return false;
    if (part == 0 && version.substr(start, at - start) != "1") return false;
    if (part < 2 && (at >= version.size() || version[at++] != '.')) return false;
  }
  return at == version.size() || version[at] == '-' || version[at] == '+';
}

void read_hook_list(const JsonObject& hooks, const char* key, std::vector<Hook>& out) {
  hooks.each(key, [&](const JsonObject& entry) {
    Hook hook;
    entry.text("path", hook.path);
    entry.strings("args", hook.args);
    if (entry.has("env")) entry.strings("env", hook.env.emplace());
    entry.number("timeout", hook.timeout_s);
    if (hook.path.empty() || hook.path[0] != '/') entry.reject("path", "must be an absolute path");
    if (entry.has("timeout") && hook.timeout_s <= 0)
      entry.reject("timeout", "must be greater than zero");
    if (hook.args.empty()) hook.args.push_back(hook.path);
    out.push_back(std::move(hook));
  });
}

void read_hooks(const JsonObject& hooks, Hooks& out) {
  read_hook_list(hooks, "prestart", out.prestart);
  read_hook_list(hooks, "createRuntime", out.create_runtime);
  read_hook_list(hooks, "createContainer", out.create_container);
  read_hook_list(hooks, "startContainer", out.start_container);
  read_hook_list(hooks, "poststart", out.poststart);
  read_hook_list(hooks, "poststop", out.poststop);
}

void read_root(const JsonObject& config, Spec& out) {
  config.text("ociVersion", out.oci_version);
  if (!known_version(out.oci_version))
    config.reject("ociVersion", "must be a version 1.x.y of the runtime specification");
  const JsonObject root = config.object("root");
  root.text("path", out.root);
  root.flag("readonly", out.root_readonly);
  if (!root || out.root.empty()) config.reject("root.path", "must be given");
  config.text("hostname", out.hostname);
  config.text("domainname", out.domainname);
  if (out.hostname.size() > 64) config.reject("hostname", "must have at most 64 bytes");
  if (out.domainname.size() > 64) config.reject("domainname", "must have at most 64 bytes");
  config.pairs("annotations", out.annotations);
}

Result<Spec> read_spec(const rapidjson::Document& document) {
  std::optional<Error> error;
  const JsonObject config(&document, "", &error);
  Spec spec;
  read_root(config, spec);
  if (const JsonObject process = config.object("process")) {
    spec.process.emplace();
    read_process(process, *spec.process, spec.warnings);
  }
  read_mounts(config, spec);
  read_hooks(config.object("hooks"), spec.hooks);
  if (const JsonObject part = config.object("linux")) read_linux(part, spec);
  if (error) return std::unexpected(*error);
  return spec;
}

} // namespace

Result<Spec> parse_spec_text(const std::string& text) {
  const auto document = parse_json(text, "config.json");
  if (!document) return std::unexpected(document.error());
  return read_spec(*document);
}

Result<Spec> parse_spec(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  auto spec = parse_spec_text(*text);
  if (!spec) spec.error().path = path + (spec.error().path.empty() ? "" : ": ") + spec.error().path;
  return spec;
}

Result<Resources> parse_resources(const std::string& json) {
  const auto document = parse_json(json, "resources");
  if (!document) return std::unexpected(document.error());
  std::optional<Error> error;
  Resources resources;
  read_resources(JsonObject(&*document, "resources", &error), resources);
  if (error) return std::unexpected(*error);
  return resources;
}

Result<ProcessSpec> parse_process(const std::string& json) {
  const auto document = parse_json(json, "process");
  if (!document) return std::unexpected(document.error());
  std::optional<Error> error;
  ProcessSpec process;
  std::vector<std::string> warnings;
  read_process(JsonObject(&*document, "process", &error), process, warnings);
  if (error) return std::unexpected(*error);
  return process;
}

} // namespace fairlead
