// One function per operation of the control socket: reads its fields, calls, answers.
#include "base/json.hh"
#include "shim/control/control.hh"

namespace fairlead::shim {

namespace {

constexpr int64_t LONGEST_MS = int64_t{1} << 52;

Wanted read_wanted(Fields& fields) {
  return {fields.flag_or("stdin", false), fields.flag_or("stdout", false),
          fields.flag_or("stderr", false)};
}

// What was wrong in the request itself is told as EINVAL, apart from failures of the kernel.
std::unexpected<Error> blame_request(Error error) {
  if (error.code == 0) error.code = EINVAL;
  return std::unexpected(std::move(error));
}

Result<Update> read_update(const Json& request) {
  Fields fields(request, "update");
  Update update;
  if (const Json* resources = fields.object("resources")) {
    update.resources_json = json_text(*resources);
    auto parsed = parse_resources(update.resources_json);
    if (!parsed) return blame_request(parsed.error());
    update.resources = std::move(*parsed);
  }
  if (const Json* restart = fields.object("restart")) {
    auto parsed = parse_restart(*restart, "update restart");
    if (!parsed) return std::unexpected(parsed.error());
    update.restart = *parsed;
  }
  if (fields.has("stopRequested")) update.stop_requested = fields.flag("stopRequested");
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  return update;
}

Result<ExecRequest> read_exec(const Json& request) {
  Fields fields(request, "exec");
  ExecRequest exec;
  exec.id = fields.text("id");
  if (exec.id.empty() || exec.id.size() > 128) fields.problem("id", "must have 1 to 128 bytes");
  exec.tty = fields.flag_or("tty", false);
  exec.attach = fields.flag_or("attach", false);
  exec.streams = read_wanted(fields);
  const Json* process = fields.object("process");
  if (process == nullptr) fields.problem("process", "must be an object");
  if (const Status status = fields.status(); !status) return std::unexpected(status.error());
  auto parsed = parse_process(json_text(*process));
  if (!parsed) return blame_request(parsed.error());
  exec.process = std::move(*parsed);
  return exec;
}

} // namespace

void Control::start(const Client& client, const Json&) {
  answer_later(client, supervisor_.start());
}

void Control::state(const Client& client, const Json&) {
  client->send("{\"ok\":true,\"state\":" + to_json(supervisor_.state()) + "}\n");
  client->finish();
}

void Control::kill(const Client& client, const Json& request) {
  Fields fields(request, "kill");
  const int signal = static_cast<int>(fields.number("signal", 1, 64));
  const bool all = fields.flag_or("all", false);
  if (const Status status = fields.status(); !status) return answer(client, status);
  answer_later(client, supervisor_.kill(signal, all));
}

void Control::stop(const Client& client, const Json& request) {
  Fields fields(request, "stop");
  const int signal = static_cast<int>(fields.number("signal", 1, 64));
  const int64_t timeout_ms = fields.number("timeoutMs", -1, LONGEST_MS);
  if (const Status status = fields.status(); !status) return answer(client, status);
  supervisor_.stop(signal, timeout_ms,
                   [this, client](const Status& status) { answer(client, status); });
}

void Control::pause(const Client& client, const Json&) {
  answer_later(client, supervisor_.pause());
}

void Control::resume(const Client& client, const Json&) {
  answer_later(client, supervisor_.resume());
}

void Control::update(const Client& client, const Json& request) {
  auto update = read_update(request);
  if (!update) return refuse_client(client, update.error());
  answer_later(client, supervisor_.update(std::move(*update)));
}

void Control::exec(const Client& client, const Json& request) {
  auto exec = read_exec(request);
  if (!exec) return refuse_client(client, exec.error());
  const auto joined = [this, client, id = exec->id, attach = exec->attach](Result<pid_t> pid) {
    if (!pid) return refuse_client(client, pid.error());
    client->send("{\"ok\":true,\"pid\":" + std::to_string(*pid) + "}\n");
    if (attach) supervisor_.execs().attach(id, client);
    else client->finish();
  };
  begin(supervisor_.execs().start(std::move(*exec)), joined);
}

void Control::attach(const Client& client, const Json& request) {
  Fields fields(request, "attach");
  const Wanted wanted = read_wanted(fields);
  if (const Status status = fields.status(); !status) return answer(client, status);
  if (const Status ready = supervisor_.attachable(); !ready) return answer(client, ready);
  client->send("{\"ok\":true}\n");
  supervisor_.attach(client, wanted);
}

void Control::resize(const Client& client, const Json& request) {
  Fields fields(request, "resize");
  const int rows = static_cast<int>(fields.number("rows", 0, 65535));
  const int columns = static_cast<int>(fields.number("cols", 0, 65535));
  const std::string exec = fields.text_or("exec", "");
  if (const Status status = fields.status(); !status) return answer(client, status);
  answer(client, exec.empty() ? supervisor_.resize(rows, columns)
                              : supervisor_.execs().resize(exec, rows, columns));
}

void Control::watch(const Client& client, const Json&) {
  client->send("{\"ok\":true,\"state\":" + to_json(supervisor_.state()) + "}\n");
  watchers_.push_back(client);
}

void Control::reload(const Client& client, const Json&) { answer(client, supervisor_.reload()); }

void Control::inspect_exec(const Client& client, const Json& request) {
  Fields fields(request, "inspect_exec");
  const std::string id = fields.text("id");
  if (const Status status = fields.status(); !status) return answer(client, status);
  const auto exec = supervisor_.execs().inspect(id);
  if (!exec) return refuse_client(client, exec.error());
  client->send(std::string("{\"ok\":true,\"running\":") + (exec->running ? "true" : "false") +
               ",\"pid\":" + std::to_string(exec->pid) +
               ",\"exitCode\":" + std::to_string(exec->exit_code) + "}\n");
  client->finish();
}

} // namespace fairlead::shim
