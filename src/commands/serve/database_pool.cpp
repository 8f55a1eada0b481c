#include "commands/serve/database_pool.hpp"

namespace signalbox::serve {

Result<store::Database*> DatabasePool::of_this_thread() {
  const std::thread::id thread = std::this_thread::get_id();
  {
    const std::lock_guard lock(mutex_);
    const auto found = databases_.find(thread);
    if (found != databases_.end()) return found->second.get();
  }
  SIGNALBOX_TRY(std::unique_ptr<store::Database> opened, store::open_database(url_));
  store::Database* const out = opened.get();
  const std::lock_guard lock(mutex_);
  databases_[thread] = std::move(opened);
  return out;
}

}  // namespace signalbox::serve
