// "These are all the entries about this subject, up to this size of the log": every record of the log is read
// again, and hashed to the root that the log signed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {

// The subjects of an entry whose record names them by a Merkle root alone (more than 64): read from its
// envelope, after it was held against the record. Nothing where the envelope is not at hand.
using SubjectsOf =
    std::function<std::optional<std::vector<std::string>>(std::uint64_t index, std::string_view record)>;

// Reads records in order, from the first.
class SubjectReplay {
 public:
  // `subject` as records have it: "gitCommit:1a2b…".
  SubjectReplay(std::string subject, SubjectsOf subjects_of);
  // bad_input where the octets are no log record.
  Status add(std::string_view record);

  std::uint64_t size() const { return range_.size(); }
  Sha256 root() const { return range_.root(); }
  const std::vector<std::uint64_t>& indexes() const { return indexes_; }  // of the entries about it
  // Why it cannot be said that these are all: entries whose subjects are not known, and records that do not
  // name the entry before them about the subject. Empty: they are all.
  const std::vector<std::string>& doubts() const { return doubts_; }

 private:
  Status take(const Json& record, std::string_view octets);

  std::string subject_, quoted_;
  SubjectsOf subjects_of_;
  CompactRange range_;
  std::vector<std::uint64_t> indexes_;
  std::vector<std::string> doubts_;
};

// What a replay came to.
struct Completeness {
  std::string subject;
  std::uint64_t size = 0;
  std::vector<std::uint64_t> indexes;
  std::vector<std::string> doubts;  // empty: these are all
};

// Replays the ledger up to the size of `checkpoint`, whose root it must have; else a doubt says so.
Result<Completeness> replay_ledger(const Ledger& ledger, const std::string& subject,
                                   const Checkpoint& checkpoint,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace signalbox::evidence
