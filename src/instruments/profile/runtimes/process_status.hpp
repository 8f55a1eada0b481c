// What /proc/PID/status says of a process, or of one of its threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <sys/types.h>

namespace signalbox::profile {

struct ProcessStatus {
  char state = '?';                        // 'R', 'S', 'T' (stopped), 't' (by a debugger), 'Z' …
  std::optional<uid_t> user;               // the effective one
  std::optional<gid_t> group;              // the same
  std::optional<std::int32_t> own_number;  // where it lives itself: the last one of NSpid
  std::uint64_t caught = 0;                // signals that it handles; bit N - 1 is signal N

  bool is_stopped() const { return state == 'T' || state == 't'; }
  bool catches(int signal) const { return (caught >> (signal - 1) & 1) != 0; }
};

// Lines that are missing, or say something else, leave their field as it is above.
ProcessStatus parse_process_status(std::string_view text);
// nullopt: it is gone.
std::optional<ProcessStatus> status_of(std::int32_t pid);
std::optional<ProcessStatus> status_of(std::int32_t pid, std::int32_t tid);

}  // namespace signalbox::profile
