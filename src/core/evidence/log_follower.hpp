// Following a log that somebody else serves: each checkpoint has to extend the one seen before, and what came
// in between has to be what a log may hold.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/keys.hpp"
#include "core/evidence/served_tree.hpp"

namespace signalbox::evidence {

// What one look at a log came to.
struct Look {
  enum class Kind {
    first,      // nothing was seen of it before: it is believed as it is
    unchanged,  // the same size and root
    grew,       // it extends what was seen
    rollback,   // it is smaller than what was seen
    fork,       // what was seen is not its beginning
    tampered,   // signed, but what is served is not what was signed
  } kind = Kind::unchanged;
  Checkpoint shown;
  std::string note;                   // signed, of `shown`
  std::string what;                   // of an alarm: what is wrong, in one line
  std::vector<std::string> warnings;  // of new entries, at most kMaxWarnings
  static constexpr std::size_t kMaxWarnings = 100;

  bool is_alarm() const { return kind == Kind::rollback || kind == Kind::fork || kind == Kind::tampered; }
};

struct Watcher {
  PublicKey log;
  std::vector<std::string> signers;  // ids of keys that may sign entries; empty: any
  Time now;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// Reads the checkpoint and, where the log grew, every new entry. Nothing is kept: that is for who calls.
// conflict: the log did not sign what is served as its checkpoint. unavailable: nobody can say now,
// as where a log that was seen before serves no checkpoint.
Result<Look> look_at_log(const TileSource& source, const std::optional<Checkpoint>& seen,
                         const Watcher& watcher);

}  // namespace signalbox::evidence
