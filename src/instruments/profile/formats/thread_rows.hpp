// The samples of a profile by thread, for formats that have a part for each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct ThreadRows {
  ThreadId thread = 0;
  std::vector<std::size_t> samples;  // by their time, those without one first
};

// Threads that have samples, in the order of their first one.
std::vector<ThreadRows> rows_by_thread(const Profile& profile);

// "app 100/101 worker 1"; "all threads" for the unknown one.
std::string title_of(const Profile& profile, const Thread& thread);

// What a viewer shows as the title: the command, else "profile".
std::string title_of(const Profile& profile);

}  // namespace signalbox::profile
