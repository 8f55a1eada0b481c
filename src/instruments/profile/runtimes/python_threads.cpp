#include "instruments/profile/runtimes/python_threads.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kThreadBytes = 1024;  // of what a C library keeps of a thread, at its front

// The last number of NSpid.
std::uint64_t number_within(std::int32_t pid, std::int32_t tid) {
  const auto status = read_file(fmt::format("/proc/{}/task/{}/status", pid, tid));
  if (!status) return 0;
  for (const std::string_view line : lines(*status)) {
    if (!line.starts_with("NSpid:")) continue;
    const auto number = parse_integer(trim(line.substr(line.find_last_of(" \t") + 1)));
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
  }
  return 0;
}

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
    if (const std::uint64_t within = number_within(pid_, number); within != 0) ours_[within] = number;
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
