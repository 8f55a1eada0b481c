#include "core/evidence/ledger.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/evidence/ledger_commit.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/tile_edge.hpp"

namespace signalbox::evidence {
namespace {

using store::Blob;
using store::Database;
using store::Row;
using store::Value;

constexpr std::uint64_t kTileHashes = 256;

Result<Entry> entry_of(const Row& row) {
  Entry entry;
  entry.index = static_cast<std::uint64_t>(row.integer(0));
  entry.time = Time(Duration(row.integer(1)));
  entry.clock_regressed = row.integer(2) != 0;
  SIGNALBOX_TRY(entry.leaf, sha256_from_octets(row.blob(3)));
  entry.record = row.blob(4);
  entry.salt = row.blob(5);
  entry.envelope = row.blob(6);
  return entry;
}

// What of an entry does not fit together; empty when all does. An erased envelope is no fault.
std::string fault_in(const Entry& entry) {
  if (leaf_hash(entry.record) != entry.leaf)
    return fmt::format("record {}: is not what its leaf hash says", entry.index);
  const auto record = parse_json(entry.record);
  if (!record) return fmt::format("record {}: {}", entry.index, record.error().message);
  if (entry.time.time_since_epoch().count() != (*record)["time"].as_integer())
    return fmt::format("time of entry {}: is not the one of its record", entry.index);
  if (entry.envelope.empty()) return {};
  if ((*record)["envelope"].as_string() != envelope_commitment(entry.salt, entry.envelope))
    return fmt::format("envelope {}: is not the one its record commits to", entry.index);
  return {};
}

constexpr std::string_view kEntryColumns =
    "select e.i, e.t, e.regressed, e.leaf, e.record, b.salt, b.body from evidence_entry e left join "
    "evidence_blob b on b.id = e.i";

}  // namespace

std::vector<store::Migration> ledger_migrations() {
  return {
      {"evidence", 1, "the log",
       "create table evidence_entry (i INTEGER primary key, t INTEGER not null, regressed INTEGER not null, "
       "leaf BLOB not null, record BLOB not null);"
       "create table evidence_blob (id INTEGER primary key, salt BLOB, body BLOB, erased_at INTEGER);"
       "create table evidence_tile (l INTEGER not null, n INTEGER not null, body BLOB not null, primary key "
       "(l, n));"
       "create table evidence_subject (digest TEXT not null, i INTEGER not null, primary key (digest, i));"
       "create table evidence_type (type TEXT not null, i INTEGER not null, primary key (type, i));"
       "create table evidence_head (one INTEGER primary key, size INTEGER not null, hashes BLOB not null, "
       "checkpoint TEXT not null, vkey TEXT not null, t INTEGER not null);"}};
}

struct Ledger::State {
  Database& database;
  const Clock* clock = nullptr;
  std::optional<SigningKey> key;
  std::optional<LogEdge> edge;  // as this connection's last commit left it
};

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Result<Ledger> Ledger::open(Database& database, const Clock& clock, SigningKey log_key) {
  SIGNALBOX_CHECK(store::migrate(database, ledger_migrations()));
  const std::string vkey = log_key.public_key().vkey();
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(
        database.execute("insert into evidence_head (one, size, hashes, checkpoint, vkey, t) values (1, 0, "
                         "?, '', ?, 0) on conflict (one) do nothing",
                         {Blob{}, vkey}));
    return {};
  }));
  SIGNALBOX_TRY(const Head head, read_head(database));
  if (head.vkey != vkey) {
    return fail(ErrorKind::conflict, fmt::format("the log is signed by {}, not by {}", head.vkey, vkey),
                "use the key that began it, or another store");
  }
  auto state = std::make_unique<State>(State{database, &clock, std::move(log_key), {}});
  return Ledger(std::move(state));
}

Result<Ledger> Ledger::open_read_only(Database& database) {
  SIGNALBOX_TRY(const bool there, store::has_table(database, "evidence_head"));
  if (!there) return fail(nothing_recorded());
  SIGNALBOX_CHECK(read_head(database));
  return Ledger(std::make_unique<State>(State{database, nullptr, {}, {}}));
}

Result<std::vector<Receipt>> Ledger::append(const std::vector<std::string>& envelopes) {
  SIGNALBOX_TRY(std::vector<Candidate> candidates, read_candidates(envelopes));
  std::vector<std::vector<Candidate>> groups;
  groups.push_back(std::move(candidates));
  SIGNALBOX_TRY(std::vector<Receipts> receipts, append_groups(groups));
  return std::move(receipts.front());
}

Result<std::vector<Ledger::Receipts>> Ledger::append_groups(
    const std::vector<std::vector<Candidate>>& groups) {
  if (!state_->key) return fail(ErrorKind::denied, "this log was opened for reading");
  std::vector<Receipts> receipts;
  // After a failure the edge may hold what was never committed.
  std::optional<LogEdge> edge = std::exchange(state_->edge, std::nullopt);
  Database& database = state_->database;
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const Head head, read_head(database));
    if (!edge || edge->head != head) {
      SIGNALBOX_TRY(edge, read_edge(database, head));
    }
    LogCommit commit(*edge, state_->clock->now());
    SIGNALBOX_CHECK(commit.learn_subjects(database, groups));
    for (const std::vector<Candidate>& group : groups) receipts.push_back(commit.add(group));
    return commit.is_empty() ? Status{} : commit.write(database, *state_->key);
  }));
  state_->edge = std::move(edge);
  return receipts;
}

std::uint64_t Ledger::size() const {
  const auto head = read_head(state_->database);
  return head ? head->size : 0;
}

Result<Entry> Ledger::entry(std::uint64_t index) const {
  SIGNALBOX_TRY(const auto rows, state_->database.query(std::string(kEntryColumns) + " where e.i = ?",
                                                        {static_cast<std::int64_t>(index)}));
  if (rows.empty())
    return fail(ErrorKind::not_found, fmt::format("the log has no entry {}; it has {}", index, size()));
  SIGNALBOX_TRY(Entry entry, entry_of(rows[0]));
  if (std::string fault = fault_in(entry); !fault.empty())
    return fail(ErrorKind::conflict, std::move(fault),
                "the store was changed from outside: signalbox evidence log audit");
  return entry;
}

Result<std::vector<Entry>> Ledger::query(const Query& query) const {
  std::string sql(kEntryColumns);
  std::vector<Value> parameters;
  std::string where;
  const auto and_where = [&](const std::string& term) {
    where += (where.empty() ? " where " : " and ") + term;
  };
  if (query.subject) {
    std::string list;
    for (const auto& [algorithm, hex] : query.subject->digest) {
      list += list.empty() ? "?" : ", ?";
      parameters.emplace_back(algorithm + ":" + hex);
    }
    and_where("e.i in (select i from evidence_subject where digest in (" + list + "))");
  }
  if (query.type) {
    and_where("e.i in (select i from evidence_type where type = ?)");
    parameters.emplace_back(*query.type);
  }
  if (query.since) {
    and_where("e.t >= ?");
    parameters.emplace_back(std::int64_t{query.since->time_since_epoch().count()});
  }
  if (query.until) {
    and_where("e.t <= ?");
    parameters.emplace_back(std::int64_t{query.until->time_since_epoch().count()});
  }
  sql += where + " order by e.i" + (query.newest_first ? " desc" : "") + " limit ?";
  parameters.emplace_back(static_cast<std::int64_t>(query.limit));
  SIGNALBOX_TRY(const auto rows, state_->database.query(sql, parameters));
  std::vector<Entry> out;
  for (const Row& row : rows) {
    SIGNALBOX_TRY(Entry entry, entry_of(row));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::string> Ledger::checkpoint() const {
  SIGNALBOX_TRY(const Head head, read_head(state_->database));
  if (head.size == 0) return fail(nothing_recorded());
  return head.checkpoint;
}

Result<PublicKey> Ledger::log_key() const {
  SIGNALBOX_TRY(const Head head, read_head(state_->database));
  return parse_vkey(head.vkey);
}

Result<std::vector<Sha256>> Ledger::prove_inclusion(std::uint64_t index, std::uint64_t size) const {
  if (size > this->size() || index >= size)
    return fail(ErrorKind::not_found,
                fmt::format("the log has {} entries: there is no proof of {} in a tree of {}", this->size(),
                            index, size));
  return inclusion_proof(index, size, hashes_of_tiles(tiles_in(state_->database)));
}

Result<std::vector<Sha256>> Ledger::prove_consistency(std::uint64_t old_size, std::uint64_t size) const {
  if (size > this->size() || old_size > size)
    return fail(ErrorKind::not_found, fmt::format("the log has {} entries: there is no proof from {} to {}",
                                                  this->size(), old_size, size));
  return consistency_proof(old_size, size, hashes_of_tiles(tiles_in(state_->database)));
}

Result<std::string> Ledger::tile(const Tile& tile) const {
  SIGNALBOX_TRY(std::string octets, tiles_in(state_->database)(tile.level, tile.index));
  if (tile.width == 0 || tile.width > kTileHashes || octets.size() < tile.width * 32)
    return fail(ErrorKind::not_found, fmt::format("there is no {}", tile_path(tile)));
  octets.resize(tile.width * 32);
  return octets;
}

Result<std::string> Ledger::entry_bundle(const Tile& tile) const {
  std::string out;
  unsigned found = 0;
  const auto first = static_cast<std::int64_t>(tile.index * kTileHashes);
  SIGNALBOX_CHECK(
      state_->database.for_each("select record from evidence_entry where i >= ? and i < ? order by i",
                                {first, first + tile.width}, [&](const Row& row) {
                                  const std::string& record = row.blob(0);
                                  out += static_cast<char>(record.size() >> 8 & 0xff);
                                  out += static_cast<char>(record.size() & 0xff);
                                  out += record;
                                  ++found;
                                  return true;
                                }));
  if (found != tile.width || found == 0)
    return fail(ErrorKind::not_found, fmt::format("there is no {}", entries_path(tile)));
  return out;
}

Result<Ledger::Audit> Ledger::audit(const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
  Database& database = state_->database;
  Audit audit;
  SIGNALBOX_CHECK(database.transaction(Database::Access::read, [&]() -> Status {
    audit = Audit{};
    SIGNALBOX_TRY(const Head head, read_head(database));
    CompactRange range;
    TileEdge edge;
    Time last_time{};
    SIGNALBOX_CHECK(database.for_each(std::string(kEntryColumns) + " order by e.i", {}, [&](const Row& row) {
      const auto entry = entry_of(row);
      if (!entry) {
        audit.failures.push_back(fmt::format("entry {}: {}", row.integer(0), entry.error().message));
        return true;
      }
      if (entry->index != audit.entries)
        audit.failures.push_back(
            fmt::format("entry {}: missing, entry {} follows", audit.entries, entry->index));
      if (std::string fault = fault_in(*entry); !fault.empty()) audit.failures.push_back(std::move(fault));
      if (entry->time < last_time)
        audit.failures.push_back(
            fmt::format("entry {}: its time is before that of the entry in front of it", entry->index));
      last_time = entry->time;
      range.append(leaf_hash(entry->record));
      edge.append(leaf_hash(entry->record));
      ++audit.entries;
      if (progress) progress(audit.entries, head.size);
      return true;
    }));
    for (const TileBody& tile : edge.changed()) {
      ++audit.tiles;
      const auto stored = tiles_in(database)(tile.level, tile.index);
      if (!stored || *stored != tile.octets)
        audit.failures.push_back(
            fmt::format("tile {}/{}: is not what the records hash to", tile.level, tile.index));
    }
    if (audit.entries != head.size)
      audit.failures.push_back(
          fmt::format("the log says {} entries, there are {}", head.size, audit.entries));
    if (head.size == 0) return {};
    std::string hashes;
    for (const Sha256& hash : range.hashes()) hashes += as_octets(hash);
    if (hashes != head.hashes) audit.failures.push_back("right edge: is not what the records hash to");
    SIGNALBOX_TRY(const PublicKey key, parse_vkey(head.vkey));
    const auto note = parse_note(head.checkpoint);
    const auto signers =
        note ? verify_note(*note, {key}) : Result<std::vector<PublicKey>>(fail(note.error()));
    if (!signers || signers->empty()) {
      audit.failures.push_back(fmt::format("checkpoint {}: its signature does not hold", head.size));
      return {};
    }
    const auto checkpoint = parse_checkpoint(note->text);
    if (!checkpoint || checkpoint->size != audit.entries || checkpoint->root != range.root()) {
      audit.failures.push_back(
          fmt::format("checkpoint {}: its root is not what the records hash to", head.size));
    }
    return {};
  }));
  return audit;
}

}  // namespace signalbox::evidence
