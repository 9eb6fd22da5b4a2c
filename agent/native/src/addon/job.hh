// Runs blocking kernel work on libuv's pool and settles a promise with its outcome. Arguments are
// read on the JavaScript thread, before the work begins; the work must not touch JavaScript.
#pragma once
#include <napi.h>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/error.hh"

namespace fairlead::addon {

// The error that loadNative turns into a NativeError: {step, errno, path, message}.
Napi::Object to_js(Napi::Env env, const Error& error);

// Reads arguments and remembers the first one that has the wrong shape.
class Arguments {
public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  Napi::Value at(size_t index) const { return info_[index]; }
  std::string text(Napi::Value value, const char* what);
  std::string text(size_t index, const char* what) { return text(info_[index], what); }
  std::optional<std::string> optional_text(Napi::Value value, const char* what);
  std::vector<std::string> texts(Napi::Value value, const char* what);
  std::string bytes(Napi::Value value, const char* what);
  uint32_t number(Napi::Value value, const char* what);
  bool flag(Napi::Value value) const { return value.IsBoolean() && value.As<Napi::Boolean>(); }
  Napi::Object object(size_t index, const char* what);
  const std::optional<Error>& problem() const { return problem_; }

private:
  void complain(const char* what, const char* wanted);

  const Napi::CallbackInfo& info_;
  std::optional<Error> problem_;
};

template <typename T> class Job : public Napi::AsyncWorker {
public:
  using Work = std::function<std::expected<T, Error>()>;
  // Nothing to convert when T is void.
  using Convert = std::function<Napi::Value(
      Napi::Env, const std::conditional_t<std::is_void_v<T>, std::monostate, T>&)>;

  Job(Napi::Env env, Work work, Convert convert)
      : Napi::AsyncWorker(env), work_(std::move(work)), convert_(std::move(convert)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

protected:
  void Execute() override { outcome_ = work_(); }
  void OnOK() override {
    const Napi::HandleScope scope(Env());
    if (!outcome_) deferred_.Reject(to_js(Env(), outcome_.error()));
    else if constexpr (std::is_void_v<T>) deferred_.Resolve(Env().Undefined());
    else deferred_.Resolve(convert_(Env(), *outcome_));
  }

private:
  Work work_;
  Convert convert_;
  Napi::Promise::Deferred deferred_;
  std::expected<T, Error> outcome_ = std::unexpected(Error{});
};

// Queues work that yields a T; a wrong argument rejects without any work.
template <typename T>
Napi::Value run(Napi::Env env, const Arguments& arguments, typename Job<T>::Work work,
                typename Job<T>::Convert convert = nullptr) {
  if (arguments.problem()) {
    auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(to_js(env, *arguments.problem()));
    return deferred.Promise();
  }
  auto* job = new Job<T>(env, std::move(work), std::move(convert));
  const Napi::Promise promise = job->promise();
  job->Queue();
  return promise;
}

} // namespace fairlead::addon
