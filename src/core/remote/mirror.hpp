// A server's log copied to this machine, for commands that read much of it: they then read a store like any
// other, and nothing that the server said unproven is in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "core/remote/served_log.hpp"

namespace signalbox::remote {

struct Mirror {
  std::string store;  // "sqlite:…", to be opened for reading
  SignedState state;
  std::uint64_t fresh = 0;  // entries that came with this look
};

// Brings the copy in $XDG_CACHE_HOME/signalbox/logs (else ~/.cache) to the newest checkpoint: every record
// under the root that was signed, every envelope what its record commits to; entries that it has are not
// asked for again, and what the log says was erased is erased in it. Errors as ServedLog::open and `entry`;
// denied where the token may not read an envelope; unavailable where the copy itself is damaged. An empty
// log: not_found.
Result<Mirror> mirror_log(const Server& server, const ServedLog::Believing& believing,
                          std::chrono::steady_clock::time_point until,
                          const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace signalbox::remote
