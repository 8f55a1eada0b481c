// A server's log as it is read by somebody who believes the log's key, and nothing that the server says
// without it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/served_tree.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::remote {

// Long enough for a server that has just been appended to, and short enough for one without witnesses.
inline constexpr std::chrono::milliseconds kWitnessPatience{10'000};

// What was signed, and by whom.
struct SignedState {
  evidence::Checkpoint checkpoint;
  std::string note;  // empty: the server says that its log is empty, and nobody signed that
  evidence::PublicKey log;
  std::optional<std::uint64_t>
      seen;  // entries of the checkpoint seen before that this one was shown to extend

  bool is_signed() const { return !note.empty(); }
};

// The entry that an answer of GET /api/v1/evidence/entries/{index} shows, by its octets alone; bad_input
// where they are none, or the envelope is not what the record commits to. That it is in the log is not shown
// by it.
Result<evidence::Entry> read_served_entry(std::uint64_t index, const Json& answer);

class ServedLog {
 public:
  struct Believing {
    std::vector<evidence::PublicKey> log_keys;  // one of which has to have signed
    evidence::CheckpointMemory memory;          // what this machine has seen of their logs
    // Whether the witnesses that are asked for have seen it: without them it is not remembered. Asked once it
    // holds.
    std::function<bool(const SignedState&)> has_its_witnesses;
    // How long one that lacks them is looked at anew, at most half of the time that the server is given: it
    // asks them about a second after its log grew.
    std::chrono::milliseconds witness_patience{0};
    enum class Remember { yes, no } remember = Remember::yes;
  };
  // The newest checkpoint of the server, held against what was seen of that log. The server answers all that
  // is asked of it until then. conflict: it was caught at a lie: nobody of them signed it, a rollback, a
  // fork, or what was seen is not shown to be its beginning. An empty log that nobody signed is a rollback
  // only where one key is asked for: which of several logs is empty cannot be told. unavailable: what is
  // remembered is damaged, or as `remote_log`; denied, bad_input likewise.
  static Result<ServedLog> open(Server server, const Believing& believing,
                                std::chrono::steady_clock::time_point until);

  const SignedState& state() const { return state_; }
  const std::string& origin() const;

  // Read, its record hashed and included in what was signed, its envelope what the record commits to. The
  // envelope is empty where the server does not show it: it was erased, or this token may not read it.
  // conflict where any of that does not hold, or the log has the entry and the server shows none.
  Result<evidence::Entry> entry(std::uint64_t index) const;
  // The records of entries 256·number on, as many as were signed, oldest first, each shown to be in the log.
  // Envelopes are empty: they were not asked for. conflict as `entry`.
  Result<std::vector<evidence::Entry>> bundle(std::uint64_t number) const;
  // An entry of `bundle` with its envelope, as `entry`.
  Result<evidence::Entry> with_envelope(const evidence::Entry& recorded) const;
  // The static files of the log, unproven, for `import_log`. Live as long as this does.
  const evidence::TileSource& files() const;
  // Indexes below `before` that the server says fit, newest first, at most `limit`. Its word alone: what it
  // leaves out nobody sees here. conflict where they are not descending.
  struct Asked {
    std::optional<std::string> subject;  // "gitCommit:1a2b…"
    std::optional<std::string> type;     // predicate type, whole
  };
  Result<std::vector<std::uint64_t>> listed(const Asked& asked, std::uint64_t before,
                                            std::size_t limit) const;

 private:
  class Tiles;
  ServedLog(Server server, std::chrono::steady_clock::time_point until);
  Result<std::optional<std::size_t>> look_once(const Believing& believing,
                                               const std::vector<std::optional<evidence::Checkpoint>>& seen);
  Status read_state(const Believing& believing, const std::vector<std::optional<evidence::Checkpoint>>& seen);
  Status compare(const std::optional<evidence::Checkpoint>& seen);
  Result<evidence::Entry> told(std::uint64_t index) const;

  Server server_;
  Patience patience_;
  SignedState state_;
  std::shared_ptr<const Tiles> tiles_;
};

}  // namespace signalbox::remote
