// Questions to a HotSpot JVM that runs, through its attach socket: what jcmd does, without a second JVM.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::profile {

struct JvmAnswer {
  int code = 0;      // 0: done
  std::string text;  // what it says
};

inline constexpr std::chrono::seconds kUsualJvmPatience{5};  // with one answer

// Whether a process has mapped a libjvm.so that is HotSpot's.
bool is_hotspot(std::int32_t pid);

// Sends one command ("jcmd", "printflag") with up to three arguments, as the process' own user, and takes
// what is answered. A JVM that was asked before listens at a socket. One that was not opens it when it gets
// SIGQUIT while /tmp/.attach_pidN is there, which is HotSpot's own handshake. That signal is sent to nothing
// but a process of which all of this is true; else the answer is `unavailable`:
//   - libjvm.so is mapped, and is HotSpot's by its symbols
//   - it has HotSpot's thread for signals, which is there only where HotSpot itself takes SIGQUIT (no -Xrs)
//   - SIGQUIT is caught now
//   - it is not stopped: then it is not asked at all
//   - its command line and environment do not disable the mechanism
// Where it does not listen in time /tmp/.attach_pidN stays for the signal that it may take yet, until it is
// asked again.
// denied: it is another user's, and we are not root. not_found: it is gone or no HotSpot.
Result<JvmAnswer> ask_jvm(std::int32_t pid, const std::string& command,
                          const std::vector<std::string>& arguments,
                          std::chrono::milliseconds patience = kUsualJvmPatience);

// For tests: why SIGQUIT would not be sent; nullopt: it would.
std::optional<std::string> why_not_to_signal(std::int32_t pid);

}  // namespace signalbox::profile
