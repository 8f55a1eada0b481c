#include "instruments/profile/formats/thread_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace signalbox::profile {

std::vector<ThreadRows> rows_by_thread(const Profile& profile) {
  std::vector<ThreadRows> out;
  std::vector<std::size_t> places(profile.threads.size(), 0);  // in `out`, plus one
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    std::size_t& place = places[profile.samples[i].thread];
    if (place == 0) {
      out.push_back({profile.samples[i].thread, {}});
      place = out.size();
    }
    out[place - 1].samples.push_back(i);
  }
  for (ThreadRows& rows : out) {
    std::stable_sort(rows.samples.begin(), rows.samples.end(), [&](std::size_t a, std::size_t b) {
      return profile.samples[a].time_ns < profile.samples[b].time_ns;
    });
  }
  return out;
}

std::string title_of(const Profile& profile, const Thread& thread) {
  std::string out(profile.text(thread.process));
  const auto add = [&](std::string_view words) {
    if (words.empty()) return;
    if (!out.empty()) out += ' ';
    out += words;
  };
  if (thread.pid != 0 || thread.tid != 0) add(fmt::format("{}/{}", thread.pid, thread.tid));
  add(profile.text(thread.name));
  return out.empty() ? "all threads" : out;
}

std::string title_of(const Profile& profile) {
  const auto command = std::find_if(profile.annotations.begin(), profile.annotations.end(),
                                    [](const auto& annotation) { return annotation.first == "command"; });
  return command == profile.annotations.end() ? "profile" : command->second;
}

}  // namespace signalbox::profile
