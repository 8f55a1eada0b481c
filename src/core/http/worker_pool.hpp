// Threads that do what may block, behind a queue that has an end.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace signalbox::http {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t max_queued);
  ~WorkerPool();  // as stop, without limit

  // From any thread. False: the queue is full, or stop was called; the job was not taken.
  bool submit(std::function<void()> job);
  // No more jobs; waits until those taken are done, at most so long. Returns how many are not done: their
  // threads live on, with what their jobs hold.
  std::size_t stop(std::chrono::milliseconds at_most);

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

}  // namespace signalbox::http
