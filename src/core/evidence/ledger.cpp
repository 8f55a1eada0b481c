#include "core/evidence/ledger.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/evidence/alarms.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger_audit.hpp"
#include "core/evidence/ledger_commit.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/tile_edge.hpp"
#include "core/evidence/witness.hpp"
#include "core/evidence/witness_book.hpp"

namespace signalbox::evidence {
namespace {

using store::Blob;
using store::Database;
using store::Row;
using store::Value;

constexpr std::uint64_t kTileHashes = 256;

}  // namespace

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
       "checkpoint TEXT not null, vkey TEXT not null, t INTEGER not null);"},
      // SQLite: indexes that are no tables beside their index. PostgreSQL: bodies are not worth compressing.
      {"evidence", 2, "half the size of the indexes",
       "--sqlite create table evidence_subject_2 (digest TEXT not null, i INTEGER not null, primary key "
       "(digest, i)) WITHOUT ROWID;\n"
       "--sqlite insert into evidence_subject_2 select digest, i from evidence_subject order by digest, i;\n"
       "--sqlite drop table evidence_subject;\n"
       "--sqlite alter table evidence_subject_2 rename to evidence_subject;\n"
       "--sqlite create table evidence_type_2 (type TEXT not null, i INTEGER not null, primary key (type, "
       "i)) "
       "WITHOUT ROWID;\n"
       "--sqlite insert into evidence_type_2 select type, i from evidence_type order by type, i;\n"
       "--sqlite drop table evidence_type;\n"
       "--sqlite alter table evidence_type_2 rename to evidence_type;\n"
       "--postgresql alter table evidence_blob alter column body set storage external;\n"},
      alarm_migration(),
      witness_migration(),
      witness_book_migration()};
}

struct Ledger::State {
  Database& database;
  const Clock* clock = nullptr;
  std::optional<SigningKey> key;
  std::optional<LogEdge> edge;  // as this connection's last commit left it
  std::optional<CheckpointMemory> memory;
  std::string unremembered;  // the checkpoint of the last commit, where the memory does not have it yet
  std::chrono::steady_clock::time_point remembered_at;
  bool has_witnesses = true;                  // the tables are there: a store that was only read may be older
  std::optional<std::uint64_t> ends_at = {};  // what is seen of the log, where that is not all
  Admission admission = {};

  std::uint64_t whole_size() const {
    const auto head = read_head(database);
    return head ? head->size : 0;
  }

  // What was committed stays committed: a memory that cannot be written must not turn it into a failure.
  void remember() {
    if (memory && !unremembered.empty()) (void)memory->keep(key->public_key(), unremembered);
    unremembered.clear();
    remembered_at = std::chrono::steady_clock::now();
  }

  // An older checkpoint serves as well, because the log has to extend it: a writer at full speed must not
  // verify and replace the file at each commit.
  void remember_now_and_then(const std::string& checkpoint) {
    constexpr std::chrono::milliseconds kEvery{250};
    unremembered = checkpoint;
    if (std::chrono::steady_clock::now() - remembered_at >= kEvery) remember();
  }

  // The log in the store extends the newest checkpoint that was signed here.
  Status check_memory(const Head& head) const {
    if (!memory) return {};
    SIGNALBOX_TRY(const std::optional<Checkpoint> seen, memory->last(key->public_key()));
    if (!seen || seen->size == 0) return {};
    Checkpoint stored{key->public_key().name, 0, empty_root()};
    std::vector<Sha256> proof;
    if (head.size > 0) {
      SIGNALBOX_TRY(stored, open_checkpoint(head.checkpoint, key->public_key()));
    }
    if (seen->size < stored.size) {
      SIGNALBOX_TRY(proof, consistency_proof(seen->size, stored.size, hashes_of_tiles(tiles_in(database))));
    }
    auto status = check_extends(*seen, stored, proof);
    if (status) return {};
    return fail(status.error().kind, status.error().message,
                "restore a newer copy of the store; to go on from this one as another log, with an origin of "
                "its own: signalbox evidence log fork");
  }
};

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger::~Ledger() {
  if (state_) state_->remember();
}

Result<Ledger> Ledger::open(Database& database, const Clock& clock, SigningKey log_key,
                            std::optional<CheckpointMemory> memory, Admission admission) {
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
  auto state =
      std::make_unique<State>(State{database, &clock, std::move(log_key), {}, std::move(memory), {}, {}});
  state->admission = std::move(admission);
  SIGNALBOX_CHECK(state->check_memory(head));
  return Ledger(std::move(state));
}

Result<Ledger> Ledger::open_read_only(Database& database) {
  SIGNALBOX_TRY(const bool there, store::has_table(database, "evidence_head"));
  if (!there) return fail(nothing_recorded());
  SIGNALBOX_CHECK(read_head(database));
  SIGNALBOX_TRY(const bool has_witnesses, store::has_table(database, "evidence_cosigned"));
  return Ledger(std::make_unique<State>(State{database, nullptr, {}, {}, {}, {}, {}, has_witnesses}));
}

Result<Ledger> Ledger::open_as_of(Database& database, std::uint64_t size) {
  SIGNALBOX_TRY(Ledger ledger, open_read_only(database));
  ledger.state_->ends_at = size;
  return ledger;
}

Result<Checkpoint> Ledger::fork(Database& database, const SigningKey& log_key) {
  Checkpoint out{log_key.public_key().name, 0, empty_root()};
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const Head head, read_head(database));
    SIGNALBOX_TRY(const LogEdge edge, read_edge(database, head));
    out.size = head.size;
    out.root = edge.range.root();
    const std::string checkpoint = head.size == 0 ? "" : sign_note(checkpoint_text(out), log_key);
    // To the witnesses it is a log that they never saw.
    SIGNALBOX_CHECK(database.execute("delete from evidence_cosigned"));
    SIGNALBOX_CHECK(database.execute("update evidence_witness set size = 0, cosigned = null"));
    SIGNALBOX_CHECK(database.execute("update evidence_head set checkpoint = ?, vkey = ? where one = 1",
                                     {checkpoint, log_key.public_key().vkey()}));
    return {};
  }));
  return out;
}

Result<std::vector<Receipt>> Ledger::append(const std::vector<std::string>& envelopes, Repeats repeats) {
  return append_one({.candidates = {}, .expected = {}, .repeats = repeats}, envelopes);
}

Result<std::vector<Receipt>> Ledger::append_if(const Expectation& expected,
                                               const std::vector<std::string>& envelopes) {
  return append_one({{}, expected}, envelopes);
}

Result<std::vector<Receipt>> Ledger::append_one(Group group, const std::vector<std::string>& envelopes) {
  SIGNALBOX_TRY(group.candidates, read_candidates(envelopes, state_->admission));
  std::vector<Group> groups;
  groups.push_back(std::move(group));
  SIGNALBOX_TRY(std::vector<Receipts> receipts, append_groups(groups));
  return std::move(receipts.front());
}

Result<std::vector<Ledger::Receipts>> Ledger::append_groups(const std::vector<Group>& groups) {
  if (!state_->key) return fail(ErrorKind::denied, "this log was opened for reading");
  std::vector<Receipts> receipts;
  // After a failure the edge may hold what was never committed.
  std::optional<LogEdge> edge = std::exchange(state_->edge, std::nullopt);
  Database& database = state_->database;
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const Head head, read_head(database));
    SIGNALBOX_CHECK(refuse_alarmed(database, head.vkey));
    if (!edge || edge->head != head) {
      state_->remember();
      SIGNALBOX_CHECK(state_->check_memory(head));
      SIGNALBOX_TRY(edge, read_edge(database, head));
    }
    LogCommit commit(*edge, state_->clock->now());
    SIGNALBOX_CHECK(commit.learn_subjects(database, groups));
    for (const Group& group : groups) receipts.push_back(commit.add(database, group));
    return commit.is_empty() ? Status{} : commit.write(database, *state_->key);
  }));
  state_->edge = std::move(edge);
  state_->remember_now_and_then(state_->edge->head.checkpoint);
  return receipts;
}

std::uint64_t Ledger::size() const {
  return std::min(state_->whole_size(), state_->ends_at.value_or(std::numeric_limits<std::uint64_t>::max()));
}

Result<Entry> Ledger::entry(std::uint64_t index) const {
  if (state_->ends_at && index >= *state_->ends_at)
    return fail(ErrorKind::not_found, fmt::format("the log had no entry {} then; it had {}", index, size()));
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
  // The bounds are asked of the indexes too: a page far on must not read all that lies before it.
  const auto within = [&](const std::string& column) {
    std::string terms;
    if (query.from) {
      terms += " and " + column + " >= ?";
      parameters.emplace_back(static_cast<std::int64_t>(*query.from));
    }
    for (const std::optional<std::uint64_t>& end : {query.before, state_->ends_at}) {
      if (!end) continue;
      terms += " and " + column + " < ?";
      parameters.emplace_back(static_cast<std::int64_t>(*end));
    }
    return terms;
  };
  const auto and_about = [&](const std::vector<Subject>& subjects) {
    std::string list;
    for (const Subject& subject : subjects) {
      for (std::string& digest : digests_of(subject)) {
        list += list.empty() ? "?" : ", ?";
        parameters.emplace_back(std::move(digest));
      }
    }
    and_where("e.i in (select i from evidence_subject where digest in (" + list + ")" + within("i") + ")");
  };
  if (query.subject) and_about({*query.subject});
  if (!query.about_any.empty()) and_about(query.about_any);
  if (query.type) {
    parameters.emplace_back(*query.type);
    // Few are about a subject, and each is asked for its type; without one, the type's own index leads.
    and_where(query.subject || !query.about_any.empty()
                  ? "exists (select 1 from evidence_type t where t.type = ? and t.i = e.i)"
                  : "e.i in (select i from evidence_type where type = ?" + within("i") + ")");
  }
  and_where("e.i >= 0" + within("e.i"));
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

Result<std::uint64_t> Ledger::find_leaf(const Sha256& leaf) const {
  SIGNALBOX_TRY(const auto rows, state_->database.query("select max(i) from evidence_entry where leaf = ?",
                                                        {Blob{std::string(as_octets(leaf))}}));
  if (rows[0].is_null(0)) return fail(ErrorKind::not_found, "no entry has the leaf hash " + to_hex(leaf));
  return static_cast<std::uint64_t>(rows[0].integer(0));
}

Result<std::string> Ledger::checkpoint() const {
  SIGNALBOX_TRY(const Head head, read_head(state_->database));
  if (head.size == 0) return fail(nothing_recorded());
  if (!state_->has_witnesses) return head.checkpoint;
  SIGNALBOX_TRY(const std::optional<std::string> cosigned, WitnessBook(state_->database).cosigned(head.size));
  return cosigned.value_or(head.checkpoint);
}

Result<std::string> Ledger::checkpoint_holding(std::uint64_t index) const {
  if (state_->has_witnesses) {
    SIGNALBOX_TRY(const std::optional<std::string> witnessed,
                  WitnessBook(state_->database).witnessed(index + 1));
    if (witnessed) return *witnessed;
  }
  return checkpoint();
}

Result<PublicKey> Ledger::log_key() const {
  SIGNALBOX_TRY(const Head head, read_head(state_->database));
  return parse_vkey(head.vkey);
}

Result<std::vector<Sha256>> Ledger::prove_inclusion(std::uint64_t index, std::uint64_t size) const {
  if (const std::uint64_t whole = state_->whole_size(); size > whole || index >= size)
    return fail(
        ErrorKind::not_found,
        fmt::format("the log has {} entries: there is no proof of {} in a tree of {}", whole, index, size));
  return inclusion_proof(index, size, hashes_of_tiles(tiles_in(state_->database)));
}

Result<std::vector<Sha256>> Ledger::prove_consistency(std::uint64_t old_size, std::uint64_t size) const {
  if (const std::uint64_t whole = state_->whole_size(); size > whole || old_size > size)
    return fail(ErrorKind::not_found, fmt::format("the log has {} entries: there is no proof from {} to {}",
                                                  whole, old_size, size));
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
                                  add_to_entry_bundle(out, row.blob(0));
                                  ++found;
                                  return true;
                                }));
  if (found != tile.width || found == 0)
    return fail(ErrorKind::not_found, fmt::format("there is no {}", entries_path(tile)));
  return out;
}

Result<Ledger::Audit> Ledger::audit(const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
  return audit_log(state_->database, progress);
}

}  // namespace signalbox::evidence
