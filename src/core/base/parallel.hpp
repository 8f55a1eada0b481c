// The same work on many things, on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace signalbox {

// Calls `work(i)` for every i below `count`, each once, in no order and on as many threads as there are
// processors (4 at most); comes back when all are done. `work` may be called from several threads at once,
// and must not throw.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace signalbox
