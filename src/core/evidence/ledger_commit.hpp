// One commit of the ledger while it is made: where the log ended, what is added, and how it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/merkle.hpp"
#include "core/evidence/tile_edge.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

// The one row of evidence_head: where the log ends.
struct Head {
  std::uint64_t size = 0;
  std::string hashes;  // of the compact range, 32 octets each
  std::string checkpoint;
  std::string vkey;
  Time time;
  bool operator==(const Head&) const = default;
};

// not_found where nothing was recorded yet.
Result<Head> read_head(store::Database& database);
Error nothing_recorded();
TileReader tiles_in(store::Database& database);

// The right edge of the log as the store has it, kept between commits as long as nobody else appended.
struct LogEdge {
  Head head;
  CompactRange range;
  TileEdge tiles;
  std::unordered_map<std::string, std::int64_t>
      last_about;  // subject → newest entry about it, -1: none; those asked for
};

// Reads the edge. Conflict where the compact range is not the one that the last checkpoint signed: it must
// never be signed over.
Result<LogEdge> read_edge(store::Database& database, const Head& head);

// Groups of envelopes on their way into the log, in one transaction of the caller's.
class LogCommit {
 public:
  // `edge` is taken over and grows with each group; after a failure it must be read anew.
  LogCommit(LogEdge& edge, Time now);

  // Asks the store for the newest entry about each subject of the groups that is not known yet.
  Status learn_subjects(store::Database& database, const std::vector<Group>& groups);
  // The whole group, or nothing of it: the error of the candidate that cannot be recorded, or the conflict of
  // an expectation that does not hold.
  Result<std::vector<Receipt>> add(store::Database& database, const Group& group);
  bool is_empty() const { return entries_.empty(); }
  // Rows, tiles, head and signed checkpoint.
  Status write(store::Database& database, const SigningKey& log_key);

 private:
  using Rows = std::vector<std::vector<store::Value>>;
  using Newest = std::unordered_map<std::string_view, std::int64_t>;  // names belong to the candidates
  struct Made;
  // Where each candidate of a group goes: into the log, or to the receipt it has already.
  struct Sorted {
    std::vector<const Candidate*> fresh;
    std::vector<std::optional<Receipt>> logged;  // one for each candidate; none: it is fresh, or see same_as
    std::vector<std::size_t> same_as;            // the first of the group that is the same; itself, mostly
  };
  Result<Sorted> sort_out(store::Database& database, const Group& group) const;
  Result<std::optional<Receipt>> find_logged(store::Database& database, const Candidate& candidate) const;
  Result<std::vector<Made>> make(const std::vector<const Candidate*>& candidates, Newest& newest) const;
  void take(const Candidate& candidate, Made made);
  Status check(store::Database& database, const Expectation& expected) const;
  Status erase(store::Database& database) const;
  Result<std::string> record_of(store::Database& database, std::int64_t index) const;

  LogEdge& edge_;
  Time time_;
  bool regressed_;
  Rows entries_, blobs_, subjects_, types_;
  std::vector<Receipt> taken_;
  std::vector<std::int64_t> erased_;
};

}  // namespace signalbox::evidence
