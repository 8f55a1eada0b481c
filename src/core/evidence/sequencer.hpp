// Many callers, one log: their appends are gathered and committed together by one writer thread.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/ledger_record.hpp"

namespace signalbox::evidence {

// Commits what has queued when the last commit ended, without a timer: a lone caller pays one commit, a crowd
// shares one. Envelopes are read, and admitted or refused, on all processors while the writer waits for the
// disk. Thread-safe. Each call is a group that is appended whole or not at all, in the order of the calls;
// groups do not fail each other.
class Sequencer {
 public:
  using OpenDatabase = std::function<Result<std::unique_ptr<store::Database>>()>;
  using Receipts = Result<std::vector<Receipt>>;

  static constexpr std::size_t kMaxEntriesPerCommit = 512;  // a larger group is committed alone

  // Opens the log on a connection of its own, which `open_database` makes, and starts the writer. `clock`
  // must outlive it. `admission` is asked of each envelope. Errors: those of `open_database` and of
  // Ledger::open.
  static Result<std::shared_ptr<Sequencer>> start(const OpenDatabase& open_database, const Clock& clock,
                                                  SigningKey log_key,
                                                  std::optional<CheckpointMemory> memory = {},
                                                  Admission admission = {});
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;
  ~Sequencer();  // stops

  // Blocks until the envelopes are durable. bad_input names the envelope that is none or is not admitted;
  // conflict: something came after what was `expected`; unavailable: the store cannot be written now, or
  // `stop` was called before. A caller waits for room where too much has queued (AppendQueue).
  Receipts append(std::vector<std::string> envelopes, std::optional<Expectation> expected = {},
                  Repeats repeats = Repeats::logged);
  // The same without waiting for the commit.
  std::future<Receipts> submit(std::vector<std::string> envelopes, std::optional<Expectation> expected = {},
                               Repeats repeats = Repeats::logged);

  // Commits what has queued, ends the writer, refuses what comes after. May be called more than once.
  void stop();

 private:
  struct State;
  explicit Sequencer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::evidence
