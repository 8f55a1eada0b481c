// The same work on many things, on several threads.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace signalbox {

// Calls `work(i)` for every i below `count`, each once, in no order and on as many threads as there are
// processors (4 at most); comes back when all are done. `work` may be called from several threads at once,
// and must not throw.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

// Work that is done beside what its owner does, on one thread, in the order it came; none must throw.
class WorkBeside {
 public:
  WorkBeside() = default;
  ~WorkBeside() { finish(); }
  WorkBeside(const WorkBeside&) = delete;
  WorkBeside& operator=(const WorkBeside&) = delete;

  void add(std::function<void()> work);
  // Comes back when all is done; what was not begun is done by the caller as well.
  void finish();

 private:
  bool do_next();  // false: nothing is left

  std::mutex mutex_;  // of the two below
  std::deque<std::function<void()>> left_;
  bool has_worker_ = false;  // which looks once more before it ends
  std::thread worker_;
};

}  // namespace signalbox
