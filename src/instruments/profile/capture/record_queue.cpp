#include "instruments/profile/capture/record_queue.hpp"

#include <algorithm>
#include <cstring>

namespace signalbox::profile {

void RecordQueue::put(std::uint64_t time_ns, std::string_view octets) {
  const std::size_t offset = octets_.size();
  octets_.resize(offset + (octets.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  std::memcpy(octets_.data() + offset, octets.data(), octets.size());
  entries_.push_back({time_ns, offset, octets.size()});
}

void RecordQueue::take_until(std::uint64_t time_ns, const std::function<void(std::string_view)>& take) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.time_ns < b.time_ns; });
  const auto end = std::find_if(entries_.begin(), entries_.end(),
                                [&](const Entry& entry) { return entry.time_ns >= time_ns; });
  const auto octets_of = [&](const Entry& entry) {
    return std::string_view(reinterpret_cast<const char*>(octets_.data() + entry.offset), entry.size);
  };
  for (auto entry = entries_.begin(); entry != end; ++entry) take(octets_of(*entry));
  // What stays moves to the front.
  RecordQueue rest;
  for (auto entry = end; entry != entries_.end(); ++entry) rest.put(entry->time_ns, octets_of(*entry));
  std::swap(octets_, rest.octets_);
  std::swap(entries_, rest.entries_);
}

}  // namespace signalbox::profile
