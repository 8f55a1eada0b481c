// The ledger: envelopes in an append-only Merkle log kept in a Database. What `append` acknowledged survives
// kill and power cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/merkle.hpp"
#include "core/evidence/statement.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

std::vector<store::Migration> ledger_migrations();

// One entry: the record that was hashed into the log, and the envelope it commits to.
struct Entry {
  std::uint64_t index = 0;
  Time time;                     // of integration into the log; never goes back
  bool clock_regressed = false;  // the wall clock stood before the entry in front of it
  Sha256 leaf{};
  std::string record;    // canonical JSON, the leaf data
  std::string salt;      // 16 octets
  std::string envelope;  // JSON as it was appended; empty where it was erased
};

struct Receipt {
  std::uint64_t index = 0;
  Sha256 leaf{};
  Time time;
  bool was_there = false;  // the log held this envelope: nothing was appended
};

// What becomes of an envelope that the log holds already, octet for octet.
enum class Repeats {
  logged,   // another entry
  skipped,  // the receipt of the first one
};

struct Query {
  std::optional<Subject> subject;   // matched by digest
  std::vector<Subject> about_any;   // at least one of these is; empty: not asked
  std::optional<std::string> type;  // predicate type, whole
  std::optional<Time> since, until;
  std::optional<std::uint64_t> from, before;  // indexes from the first on, and below the second
  bool newest_first = true;
  std::size_t limit = 1000;
};

// What the writer of an entry takes for granted: that nothing about `subject` came after what it has read.
struct Expectation {
  Subject subject;
  std::int64_t last = -1;  // index of the newest entry about it that the writer knows; -1: none
};

// What is recorded whole or not at all.
struct Group {
  std::vector<Candidate> candidates;
  std::optional<Expectation> expected;
  std::optional<std::uint64_t> erases = {};  // the entry whose envelope and salt go in the same commit
  Repeats repeats = Repeats::logged;
};

// One connection's view of the log. Not thread-safe: many threads append through a Sequencer.
class Ledger {
 public:
  // Opens, or creates on first use, the log in `database`, which must outlive it. `log_key` signs
  // checkpoints; its name is the origin.
  // With a memory: a store that was put back to an older copy, or changed, is a conflict at opening and
  // before every signature. `admission` is asked of each envelope that `append` and `append_if` are given.
  static Result<Ledger> open(store::Database& database, const Clock& clock, SigningKey log_key,
                             std::optional<CheckpointMemory> memory = {}, Admission admission = {});
  // Goes on from where the store stands as another log, named and signed by `log_key`: for a store that was
  // put back to an older copy. Whoever knew the old log sees a new one.
  static Result<Checkpoint> fork(store::Database& database, const SigningKey& log_key);
  // For readers: no key, appends are refused.
  static Result<Ledger> open_read_only(store::Database& database);
  // The same as if the log had ended there: entries, queries and its size. Proofs are to the tree of today.
  static Result<Ledger> open_as_of(store::Database& database, std::uint64_t size);
  Ledger(Ledger&&) noexcept;
  ~Ledger();

  // All or none, in order, one durable commit. Each is checked first: parses, is a Statement, at least one
  // signature, size limits.
  Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes,
                                      Repeats repeats = Repeats::logged);
  // Compare and append: the same, where the expectation holds at the moment of the commit, which no other
  // writer of the store can come between. conflict names index, time and key ids of the newer entry.
  Result<std::vector<Receipt>> append_if(const Expectation& expected,
                                         const std::vector<std::string>& envelopes);

  // Several groups in one durable commit, each whole or not at all; a group that cannot be recorded, or whose
  // expectation does not hold, has its own error and does not hinder the others. The outer error: nothing of
  // any group was recorded. Whoever read the candidates has asked for their admission.
  using Receipts = Result<std::vector<Receipt>>;
  Result<std::vector<Receipts>> append_groups(const std::vector<Group>& groups);

  std::uint64_t size() const;
  Result<Entry> entry(std::uint64_t index) const;  // not_found beyond the end
  Result<std::vector<Entry>> query(const Query& query) const;
  Result<std::uint64_t> find_leaf(const Sha256& leaf) const;  // the newest entry with that leaf hash
  // The signed note of the current size, with the cosignatures of witnesses that are there; not_found while
  // empty.
  Result<std::string> checkpoint() const;
  // The newest one that a quorum of witnesses cosigned and that covers the entry; without such, as above.
  Result<std::string> checkpoint_holding(std::uint64_t index) const;
  Result<PublicKey> log_key() const;
  Result<std::vector<Sha256>> prove_inclusion(std::uint64_t index, std::uint64_t size) const;
  Result<std::vector<Sha256>> prove_consistency(std::uint64_t old_size, std::uint64_t size) const;
  Result<std::string> tile(const Tile& tile) const;  // octets as C2SP tlog-tiles serves them
  Result<std::string> entry_bundle(const Tile& tile) const;

  // Recomputes every leaf, tile, index, root and the checkpoint's signature. Each thing that does not hold is
  // one line naming layer and index.
  struct Audit {
    std::uint64_t entries = 0, tiles = 0;
    std::uint64_t erased = 0;  // envelopes that are gone, as a statement in the log says
    std::vector<std::string> failures;
  };
  Result<Audit> audit(
      const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {}) const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  Result<std::vector<Receipt>> append_one(Group group, const std::vector<std::string>& envelopes);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::evidence
