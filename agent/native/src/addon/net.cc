// Network namespaces, their sysctls, and netlink for JavaScript.
#include "addon/job.hh"
#include "addon/topics.hh"
#include "net/datagram.hh"
#include "net/netlink.hh"
#include "net/netns.hh"
#include "net/probe.hh"

namespace fairlead::addon {

namespace {

Napi::Value js_create_netns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  return run<void>(info.Env(), arguments, [=] { return create_netns(path); });
}

Napi::Value js_delete_netns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  return run<void>(info.Env(), arguments, [=] { return delete_netns(path); });
}

Napi::Value js_set_sysctls(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto netns = arguments.optional_text(info[0], "netns").value_or("");
  const Napi::Object given = arguments.object(1, "values");
  std::vector<std::pair<std::string, std::string>> values;
  const Napi::Array keys = given.GetPropertyNames();
  for (uint32_t i = 0; i < keys.Length(); i++) {
    const Napi::Value key = keys.Get(i);
    values.emplace_back(arguments.text(key, "key"), arguments.text(given.Get(key), "value"));
  }
  const bool skip_missing =
      info[2].IsObject() && arguments.flag(info[2].As<Napi::Object>().Get("skipMissing"));
  return run<void>(info.Env(), arguments, [=] { return set_sysctls(netns, values, skip_missing); });
}

Napi::Value js_get_sysctl(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto netns = arguments.optional_text(info[0], "netns").value_or("");
  const auto key = arguments.text(1, "key");
  using Value = std::optional<std::string>;
  return run<Value>(
      info.Env(), arguments, [=] { return get_sysctl(netns, key); },
      [](Napi::Env env, const Value& value) -> Napi::Value {
        return value ? Napi::String::New(env, *value) : env.Undefined();
      });
}

std::vector<std::string> datagrams_of(Arguments& arguments, const Napi::Value& list) {
  std::vector<std::string> datagrams;
  if (!list.IsArray()) return datagrams;
  const auto array = list.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++)
    datagrams.push_back(arguments.bytes(array.Get(i), "datagrams"));
  return datagrams;
}

Napi::Value js_send_datagrams(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto path = arguments.text(0, "path");
  const auto datagrams = datagrams_of(arguments, info[1]);
  return run<int>(
      info.Env(), arguments, [=] { return send_datagrams(path, datagrams); },
      [](Napi::Env env, const int& taken) -> Napi::Value { return Napi::Number::New(env, taken); });
}

Napi::Value replies_to_js(Napi::Env env, const NetlinkReplies& outcome) {
  Napi::Array replies = Napi::Array::New(env, outcome.replies.size());
  for (uint32_t i = 0; i < outcome.replies.size(); i++) {
    const auto& reply = outcome.replies[i];
    replies.Set(i, Napi::Buffer<char>::Copy(env, reply.data(), reply.size()));
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("replies", replies);
  if (outcome.failed >= 0) {
    Napi::Object failure = Napi::Object::New(env);
    failure.Set("index", Napi::Number::New(env, outcome.failed));
    failure.Set("errno", Napi::Number::New(env, outcome.code));
    failure.Set("reason", outcome.reason);
    out.Set("failure", failure);
  }
  return out;
}

Napi::Value js_netlink(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Object request = arguments.object(0, "request");
  const auto netns = arguments.optional_text(request.Get("netns"), "netns").value_or("");
  const int family = static_cast<int>(arguments.number(request.Get("family"), "family"));
  const auto datagrams = datagrams_of(arguments, request.Get("datagrams"));
  return run<NetlinkReplies>(
      info.Env(), arguments, [=] { return netlink(netns, family, datagrams); }, replies_to_js);
}

Napi::Value js_probe_port(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Object request = arguments.object(0, "request");
  const auto netns = arguments.optional_text(request.Get("netns"), "netns").value_or("");
  const bool tcp = arguments.text(request.Get("protocol"), "protocol") == "tcp";
  const auto ip = arguments.text(request.Get("ip"), "ip");
  const auto port = static_cast<uint16_t>(arguments.number(request.Get("port"), "port"));
  return run<int>(
      info.Env(), arguments, [=] { return probe_port(netns, tcp, ip, port); },
      [](Napi::Env env, const int& code) -> Napi::Value { return Napi::Number::New(env, code); });
}

} // namespace

void register_net(Napi::Env env, Napi::Object exports) {
  exports.Set("createNetns", Napi::Function::New(env, js_create_netns, "createNetns"));
  exports.Set("deleteNetns", Napi::Function::New(env, js_delete_netns, "deleteNetns"));
  exports.Set("setSysctlsInNetns", Napi::Function::New(env, js_set_sysctls, "setSysctlsInNetns"));
  exports.Set("getSysctlInNetns", Napi::Function::New(env, js_get_sysctl, "getSysctlInNetns"));
  exports.Set("netlink", Napi::Function::New(env, js_netlink, "netlink"));
  exports.Set("sendDatagrams", Napi::Function::New(env, js_send_datagrams, "sendDatagrams"));
  exports.Set("probePort", Napi::Function::New(env, js_probe_port, "probePort"));
}

} // namespace fairlead::addon
