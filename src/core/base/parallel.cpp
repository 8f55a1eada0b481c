#include "core/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
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

}  // namespace signalbox
