#include "instruments/profile/runtimes/python_threads.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kThreadBytes = 1024;  // of what a C library keeps of a thread, at its front

}  // namespace

void PythonThreadNumbers::refresh(const std::vector<PythonThread>& threads) {
  const bool is_known = std::all_of(threads.begin(), threads.end(), [&](const PythonThread& thread) {
    return thread.native_id != 0 ? ours_.contains(thread.native_id) : by_id_.contains(thread.id);
  });
  if (is_known) return;
  ours_.clear();
  by_id_.clear();
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_), error);
       !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    const auto tid = parse_integer(entry->path().filename().native());
    if (!tid) continue;
    const auto number = static_cast<std::int32_t>(*tid);
    const auto status = status_of(pid_, number);
    if (status && status->own_number) ours_[static_cast<std::uint64_t>(*status->own_number)] = number;
  }
  if (std::any_of(threads.begin(), threads.end(),
                  [](const PythonThread& thread) { return thread.native_id == 0; }))
    find_place(threads);
}

// Where in all threads stand numbers of threads, none twice.
void PythonThreadNumbers::find_place(const std::vector<PythonThread>& threads) {
  std::vector<std::array<std::uint32_t, kThreadBytes / 4>> kept;
  std::vector<std::uint64_t> ids;
  for (const PythonThread& thread : threads) {
    auto& words = kept.emplace_back();
    const MemoryPiece piece{thread.id, {reinterpret_cast<char*>(words.data()), kThreadBytes}};
    if (memory_.read(std::span(&piece, 1)))
      ids.push_back(thread.id);
    else
      kept.pop_back();
  }
  for (std::size_t at = 0; at < kThreadBytes / 4; ++at) {
    std::set<std::uint32_t> numbers;
    const bool fits = std::all_of(kept.begin(), kept.end(), [&](const auto& words) {
      return ours_.contains(words[at]) && numbers.insert(words[at]).second;
    });
    if (!fits) continue;
    for (std::size_t i = 0; i < ids.size(); ++i) by_id_[ids[i]] = ours_[kept[i][at]];
    return;
  }
}

std::int32_t PythonThreadNumbers::number_of(const PythonThread& thread) const {
  const auto& numbers = thread.native_id != 0 ? ours_ : by_id_;
  const auto found = numbers.find(thread.native_id != 0 ? thread.native_id : thread.id);
  return found == numbers.end() ? 0 : found->second;
}

}  // namespace signalbox::profile
