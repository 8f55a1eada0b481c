// A server's log as it is read by somebody who believes the log's key, and nothing that the server says
// without it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/ledger.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::remote {

// What was signed, and by whom.
struct SignedState {
  evidence::Checkpoint checkpoint;  // size 0: the log is empty, and nobody signed that
  std::string note;
  evidence::PublicKey log;
  std::optional<std::uint64_t>
      seen;  // entries of the checkpoint seen before that this one was shown to extend
};

class ServedLog {
 public:
  // The newest checkpoint of the server, which one of `log_keys` has to have signed, held against what this
  // machine has seen of that log, and remembered. conflict: nobody of them signed it, a rollback, a fork.
  // denied, unavailable, bad_input: as `remote_log`.
  static Result<ServedLog> open(Server server, const std::vector<evidence::PublicKey>& log_keys,
                                const evidence::CheckpointMemory& memory);

  const SignedState& state() const { return state_; }
  const std::string& origin() const { return server_.origin; }

  // Read, its record hashed and included in what was signed, its envelope what the record commits to. The
  // envelope is empty where the server does not show it: it was erased, or this token may not read it.
  // conflict where any of that does not hold, or the log has the entry and the server shows none.
  Result<evidence::Entry> entry(std::uint64_t index) const;
  // Indexes below `before` that the server says fit, newest first, at most `limit`. Its word alone: what it
  // leaves out nobody sees here. conflict where they are not descending.
  struct Asked {
    std::optional<std::string> subject;  // "gitCommit:1a2b…"
    std::optional<std::string> type;     // predicate type, whole
  };
  Result<std::vector<std::uint64_t>> listed(const Asked& asked, std::uint64_t before,
                                            std::size_t limit) const;

 private:
  explicit ServedLog(Server server) : server_(std::move(server)) {}
  Status read_state(const std::vector<evidence::PublicKey>& log_keys,
                    const evidence::CheckpointMemory& memory);
  // False where another process kept a checkpoint meanwhile.
  Result<bool> compare(const evidence::CheckpointMemory& memory);

  Server server_;
  SignedState state_;
};

}  // namespace signalbox::remote
