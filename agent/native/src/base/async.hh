// Functions that may wait without holding up their thread: coroutines that begin when they are
// awaited and end with one value. Whether one ever stands still is its Waiter's business.
#pragma once
#include <coroutine>
#include <optional>
#include <utility>

namespace fairlead {

// What such a function refers to must live until it has been awaited: pass named things. And give
// what is awaited a name: GCC 12 miscompiles an await within a condition or a comparison (a style
// test looks for them).
template <typename T> class [[nodiscard]] Async {
public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct Final {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) noexcept {
      const std::coroutine_handle<> next = ended.promise().awaiting;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };

  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> awaiting;
    Async get_return_object() { return Async(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() {} // there are none
  };

  Async(Async&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Async& operator=(Async&&) = delete;
  ~Async() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value); }

  // For one whose waiter waits on the spot, so that it never stands still.
  T run() {
    handle_.resume();
    return std::move(*handle_.promise().value);
  }

private:
  explicit Async(Handle handle) : handle_(handle) {}
  Handle handle_;
};

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

// Begins a function, which then goes on by itself; `then` gets what it ends with.
template <typename T, typename Then> Detached begin(Async<T> task, Then then) {
  T value = co_await task;
  then(std::move(value));
}

} // namespace fairlead
