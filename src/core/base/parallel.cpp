#include "core/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

namespace signalbox {

void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t most_threads = 4;
  const std::size_t threads =
      std::min({count, most_threads, std::size_t{std::max(1U, std::thread::hardware_concurrency())}});
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run);
  run();
  for (std::thread& thread : others) thread.join();
}

void WorkBeside::add(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    left_.push_back(std::move(work));
    if (std::exchange(has_worker_, true)) return;
  }
  if (worker_.joinable()) worker_.join();  // it ended, or is about to
  worker_ = std::thread([this] {
    for (;;) {
      while (do_next()) {
      }
      const std::lock_guard lock(mutex_);
      if (!left_.empty()) continue;
      has_worker_ = false;
      return;
    }
  });
}

void WorkBeside::finish() {
  while (do_next()) {
  }
  if (worker_.joinable()) worker_.join();
}

bool WorkBeside::do_next() {
  std::function<void()> work;
  {
    const std::lock_guard lock(mutex_);
    if (left_.empty()) return false;
    work = std::move(left_.front());
    left_.pop_front();
  }
  work();
  return true;
}

}  // namespace signalbox
