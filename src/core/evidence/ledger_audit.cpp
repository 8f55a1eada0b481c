#include "core/evidence/ledger_audit.hpp"

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/ledger_commit.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/tile_edge.hpp"

namespace signalbox::evidence {
namespace {

using store::Database;
using store::Row;

constexpr std::int64_t kEntriesAtOnce = 1024;
constexpr std::size_t kMaxFailures = 10'000;

class Auditor {
 public:
  explicit Auditor(Database& database) : database_(database) {}
  Result<Ledger::Audit> run(const std::function<void(std::uint64_t, std::uint64_t)>& progress);

 private:
  struct Stored {
    Entry entry;
    bool erased = false;
  };

  void say(std::string failure) {
    if (audit_.failures.size() < kMaxFailures) audit_.failures.push_back(std::move(failure));
  }
  Result<std::vector<Stored>> read_batch();
  Status check_entry(const Stored& stored);
  Status check_indexes(const Entry& entry, const Json& record);
  Status check_subject(const Entry& entry, const std::string& subject, std::optional<std::int64_t> before);
  Status check_erasures();
  Status check_tiles();
  Status check_counts();
  Status check_head();

  Database& database_;
  Ledger::Audit audit_;
  Head head_;
  CompactRange range_;
  TileEdge edge_;
  Time last_time_{};
  std::vector<std::pair<std::uint64_t, std::string>> erased_;  // index, commitment
  std::int64_t next_ = 0;                                      // the first index not read yet
  std::int64_t subjects_ = 0;                                  // rows the index by subject must have
};

Result<std::vector<Auditor::Stored>> Auditor::read_batch() {
  std::vector<Stored> out;
  SIGNALBOX_CHECK(database_.for_each(
      "select e.i, e.t, e.regressed, e.leaf, e.record, b.salt, b.body, b.erased_at from evidence_entry e "
      "left "
      "join evidence_blob b on b.id = e.i where e.i >= ? order by e.i limit ?",
      {next_, kEntriesAtOnce}, [&](const Row& row) {
        next_ = row.integer(0) + 1;
        auto entry = entry_of(row);
        if (entry) {
          out.push_back({std::move(*entry), !row.is_null(7)});
        } else {
          say(fmt::format("entry {}: {}", row.integer(0), entry.error().message));
          out.push_back({Entry{.index = static_cast<std::uint64_t>(row.integer(0))}, true});
        }
        return true;
      }));
  return out;
}

Status Auditor::check_entry(const Stored& stored) {
  const Entry& entry = stored.entry;
  if (entry.index != audit_.entries)
    say(fmt::format("entry {}: missing, entry {} follows", audit_.entries, entry.index));
  if (std::string fault = fault_in(entry); !fault.empty()) {
    say(std::move(fault));
  } else {
    if (entry.envelope.empty() && !stored.erased)
      say(fmt::format("envelope {}: is missing, and was never erased", entry.index));
    const auto record = parse_json(entry.record);
    if (record) SIGNALBOX_CHECK(check_indexes(entry, *record));
    if (record && entry.envelope.empty() && stored.erased)
      erased_.emplace_back(entry.index, std::string((*record)["envelope"].as_string()));
  }
  if (entry.time < last_time_)
    say(fmt::format("entry {}: its time is before that of the entry in front of it", entry.index));
  last_time_ = entry.time;
  const Sha256 leaf = leaf_hash(entry.record);
  range_.append(leaf);
  edge_.append(leaf);
  ++audit_.entries;
  return {};
}

// The record's `prev` chains every entry about a subject: together with the index this shows that none is
// hidden.
Status Auditor::check_indexes(const Entry& entry, const Json& record) {
  SIGNALBOX_TRY(const auto types, database_.query("select 1 from evidence_type where type = ? and i = ?",
                                                  {std::string(record["type"].as_string()),
                                                   static_cast<std::int64_t>(entry.index)}));
  if (types.empty()) say(fmt::format("index of types: entry {} is missing", entry.index));
  std::vector<std::string> subjects;
  for (const Json& subject : record["subjects"].items()) subjects.emplace_back(subject.as_string());
  if (record.find("subjects_root") != nullptr && !entry.envelope.empty()) {
    if (const auto candidate = read_candidate(entry.envelope)) subjects = candidate->subjects;
  }
  for (const std::string& subject : subjects) {
    const Json* const before = record["prev"].find(subject);
    SIGNALBOX_CHECK(check_subject(entry, subject,
                                  before == nullptr ? std::nullopt : std::optional(before->as_integer())));
  }
  subjects_ += static_cast<std::int64_t>(subjects.size());
  return {};
}

Status Auditor::check_subject(const Entry& entry, const std::string& subject,
                              std::optional<std::int64_t> before) {
  const auto index = static_cast<std::int64_t>(entry.index);
  SIGNALBOX_TRY(const auto rows,
                database_.query("select (select count(*) from evidence_subject where digest = ? and i = ?), "
                                "(select max(i) from evidence_subject where digest = ? and i < ?)",
                                {subject, index, subject, index}));
  if (rows[0].integer(0) != 1) say(fmt::format("index of subjects: entry {} is missing", index));
  const std::int64_t found = rows[0].is_null(1) ? -1 : rows[0].integer(1);
  if (before && *before != found) {
    say(fmt::format("record {}: says that the entry before it about {} is {}, the index says {}", index,
                    subject, *before, found));
  }
  return {};
}

// What was erased is erased by a statement that the log holds.
Status Auditor::check_erasures() {
  for (const auto& [index, commitment] : erased_) {
    SIGNALBOX_TRY(
        const auto rows,
        database_.query("select count(*) from evidence_subject s join evidence_type t on t.i = s.i where "
                        "s.digest = ? and t.type = ? and s.i > ?",
                        {commitment, std::string(kErasureType), static_cast<std::int64_t>(index)}));
    if (rows[0].integer(0) == 0)
      say(fmt::format("envelope {}: was erased, and no statement in the log says so", index));
  }
  audit_.erased = erased_.size();
  return {};
}

// What has been appended so far of each tile stands at the front of the stored one.
Status Auditor::check_tiles() {
  for (const TileBody& tile : edge_.changed()) {
    const auto stored = tiles_in(database_)(tile.level, tile.index);
    if (!stored || stored->compare(0, tile.octets.size(), tile.octets) != 0)
      say(fmt::format("tile {}/{}: is not what the records hash to", tile.level, tile.index));
  }
  edge_.forget_changed();
  return {};
}

// Rows that nothing accounts for.
Status Auditor::check_counts() {
  std::int64_t octets = 0;
  for (const Tile& tile : tiles_of(audit_.entries)) {
    ++audit_.tiles;
    octets += std::int64_t{tile.width} * 32;
  }
  SIGNALBOX_TRY(
      const auto rows,
      database_.query("select (select count(*) from evidence_tile), (select coalesce(sum(length(body)), "
                      "0) from evidence_tile), (select count(*) from evidence_subject), (select count(*) "
                      "from evidence_type)"));
  if (rows[0].integer(0) != static_cast<std::int64_t>(audit_.tiles) || rows[0].integer(1) != octets)
    say(fmt::format("tiles: {} of {} bytes; a tree of {} entries has {} of {} bytes", rows[0].integer(0),
                    rows[0].integer(1), audit_.entries, audit_.tiles, octets));
  if (rows[0].integer(2) != subjects_)
    say(fmt::format("index of subjects: {} rows, the records name {}", rows[0].integer(2), subjects_));
  if (rows[0].integer(3) != static_cast<std::int64_t>(audit_.entries))
    say(fmt::format("index of types: {} rows for {} entries", rows[0].integer(3), audit_.entries));
  return {};
}

Status Auditor::check_head() {
  if (audit_.entries != head_.size)
    say(fmt::format("the log says {} entries, there are {}", head_.size, audit_.entries));
  if (head_.size == 0) return {};
  std::string hashes;
  for (const Sha256& hash : range_.hashes()) hashes += as_octets(hash);
  if (hashes != head_.hashes) say("right edge: is not what the records hash to");
  const auto key = parse_vkey(head_.vkey);
  if (!key) {
    say(fmt::format("verifier key of the log: {}", key.error().message));
    return {};
  }
  const auto checkpoint = open_checkpoint(head_.checkpoint, *key);
  if (!checkpoint) {
    say(fmt::format("checkpoint {}: {}", head_.size, checkpoint.error().message));
  } else if (checkpoint->size != audit_.entries || checkpoint->root != range_.root()) {
    say(fmt::format("checkpoint {}: its root is not what the records hash to", head_.size));
  }
  return {};
}

Result<Ledger::Audit> Auditor::run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  SIGNALBOX_TRY(head_, read_head(database_));
  for (;;) {
    SIGNALBOX_TRY(const std::vector<Stored> batch, read_batch());
    if (batch.empty()) break;
    for (const Stored& stored : batch) SIGNALBOX_CHECK(check_entry(stored));
    SIGNALBOX_CHECK(check_tiles());
    if (progress) progress(audit_.entries, head_.size);
  }
  SIGNALBOX_CHECK(check_erasures());
  SIGNALBOX_CHECK(check_counts());
  SIGNALBOX_CHECK(check_head());
  return std::move(audit_);
}

}  // namespace

Result<Ledger::Audit> audit_log(Database& database,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  Result<Ledger::Audit> audit;
  SIGNALBOX_CHECK(database.transaction(Database::Access::read, [&]() -> Status {
    audit = Auditor(database).run(progress);
    if (!audit) return fail(audit.error());
    return {};
  }));
  return audit;
}

}  // namespace signalbox::evidence
