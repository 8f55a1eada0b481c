// Where the files of another process lie, and whose they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace signalbox::profile {

// Who a running process belongs to.
std::optional<uid_t> owner_of(std::int32_t pid);

// The number of a process where it lives itself: the last one of NSpid.
std::int32_t own_number_of(std::int32_t pid);

// A thread of a process that still runs, where that is asked for in /proc or by its number: the first one may
// have ended before the others, and then has neither root nor memory. `pid` itself where all have.
std::int32_t living_thread_of(std::int32_t pid);

// A path of the process' own, seen from here: in its root while it runs, in ours when it ended.
std::string path_within(std::int32_t pid, const std::string& path);

}  // namespace signalbox::profile
