#include "core/http/worker_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace signalbox::http {

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable quiet;
  std::deque<std::function<void()>> queue;
  std::size_t max_queued = 0;
  std::size_t running = 0;
  bool stopped = false;

  void loop() {
    std::unique_lock lock(mutex);
    for (;;) {
      work.wait(lock, [this] { return stopped || !queue.empty(); });
      if (queue.empty()) return;
      std::function<void()> job = std::move(queue.front());
      queue.pop_front();
      ++running;
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
      --running;
      if (running == 0 && queue.empty()) quiet.notify_all();
    }
  }
};

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queued) : state_(std::make_shared<State>()) {
  state_->max_queued = max_queued;
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([state = state_] { state->loop(); });
  }
}

WorkerPool::~WorkerPool() {
  stop(std::chrono::hours(24));
}

bool WorkerPool::submit(std::function<void()> job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped || state_->queue.size() >= state_->max_queued) return false;
    state_->queue.push_back(std::move(job));
  }
  state_->work.notify_one();
  return true;
}

std::size_t WorkerPool::stop(std::chrono::milliseconds at_most) {
  std::size_t left = 0;
  {
    std::unique_lock lock(state_->mutex);
    state_->stopped = true;
    state_->work.notify_all();
    state_->quiet.wait_for(lock, at_most, [this] { return state_->running == 0 && state_->queue.empty(); });
    left = state_->running + state_->queue.size();
    if (left > 0) state_->queue.clear();
  }
  for (std::thread& thread : threads_) {
    if (left == 0) {
      thread.join();
    } else {
      thread.detach();
    }
  }
  threads_.clear();
  return left;
}

}  // namespace signalbox::http
