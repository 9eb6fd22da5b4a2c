// The restart policy for JavaScript.
#include "restart/restart.hh"

#include "addon/job.hh"
#include "addon/topics.hh"

namespace fairlead::addon {

namespace {

using Answer = std::optional<Restarts>;

Napi::Value answer_to_js(Napi::Env env, const Answer& answer) {
  if (!answer) return env.Undefined();
  Napi::Object out = Napi::Object::New(env);
  out.Set("count", Napi::Number::New(env, static_cast<double>(answer->count)));
  out.Set("delayMs", Napi::Number::New(env, static_cast<double>(answer->delay_ms)));
  return out;
}

Napi::Value js_next_restart(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const Napi::Object given = arguments.object(0, "settings");
  const Napi::Object last = arguments.object(1, "before");
  const Napi::Object end = arguments.object(2, "ending");
  const auto policy = restart_policy(arguments.text(given.Get("policy"), "policy"));
  const RestartSettings settings{policy.value_or(RestartSettings::Policy::no),
                                 arguments.number(given.Get("maxRetries"), "maxRetries")};
  const Restarts before{arguments.number(last.Get("count"), "count"),
                        arguments.number(last.Get("delayMs"), "delayMs")};
  const Ending ending{static_cast<int>(arguments.number(end.Get("exitCode"), "exitCode")),
                      arguments.number(end.Get("ranMs"), "ranMs"),
                      arguments.flag(end.Get("stopRequested"))};
  return run<Answer>(
      info.Env(), arguments,
      [=]() -> Result<Answer> { return next_restart(settings, before, ending); }, answer_to_js);
}

} // namespace

void register_restart(Napi::Env env, Napi::Object exports) {
  exports.Set("nextRestart", Napi::Function::New(env, js_next_restart, "nextRestart"));
}

} // namespace fairlead::addon
