#include "core/evidence/witness_book.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/evidence/cosignature.hpp"

namespace signalbox::evidence {
namespace {

using store::Database;
using store::Row;

constexpr std::int64_t kMaxKeptNotes = 1000;  // newest first; an older checkpoint is proven by a newer one
constexpr std::size_t kMaxProblemBytes = 400;
constexpr std::size_t kMaxNotesLookedAt = 100;

std::int64_t count(Time time) {
  return time.time_since_epoch().count();
}

std::optional<Time> time_at(const Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return Time(Duration(row.integer(column)));
}

// The note with another signature: of one key the newest alone.
Note with_signature(Note note, const PublicKey& key, const NoteSignature& signature) {
  std::erase_if(note.signatures, [&](const NoteSignature& other) {
    return other.name == key.name && other.octets.starts_with(key.id_octets());
  });
  note.signatures.push_back(signature);
  return note;
}

}  // namespace

store::Migration witness_book_migration() {
  return {
      "evidence", 5, "witnesses of this log",
      "create table evidence_witness (vkey TEXT primary key, name TEXT not null, url TEXT not null, size "
      "INTEGER "
      "not null, cosigned INTEGER, tried INTEGER, problem TEXT not null);"
      "create table evidence_quorum (one INTEGER primary key, k INTEGER not null);"
      "create table evidence_cosigned (size INTEGER primary key, t INTEGER not null, note TEXT not null);"};
}

Status WitnessBook::add(const PublicKey& witness, const std::string& url) {
  if (witness.algorithm != PublicKey::Algorithm::cosignature) {
    return fail(ErrorKind::bad_input, fmt::format("{} is no key of a witness", witness.vkey()),
                "the machine that witnesses prints it: signalbox evidence witness list");
  }
  return database_.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows,
                  database_.query("select count(*), (select count(*) from evidence_witness where name "
                                  "= ? and vkey <> ?) from evidence_witness",
                                  {witness.name, witness.vkey()}));
    if (rows[0].integer(0) >= kMaxWitnesses)
      return fail(ErrorKind::bad_input, fmt::format("a log asks at most {} witnesses", kMaxWitnesses));
    if (rows[0].integer(1) > 0)
      return fail(ErrorKind::conflict, fmt::format("there is a witness {} with another key", witness.name),
                  fmt::format("signalbox evidence witness remove {}", witness.name));
    SIGNALBOX_TRY(const std::vector<PublicKey> known, keys());
    for (const PublicKey& other : known) {
      if (!other.same_key(witness) || other.name == witness.name) continue;
      return fail(ErrorKind::conflict,
                  fmt::format("the key of {} is known as {} already: two names are not two witnesses",
                              witness.name, other.name),
                  fmt::format("signalbox evidence witness remove {}", other.name));
    }
    SIGNALBOX_CHECK(
        database_.execute("insert into evidence_witness (vkey, name, url, size, problem) values (?, ?, ?, 0, "
                          "'') on conflict (vkey) do "
                          "update set url = excluded.url, problem = ''",
                          {witness.vkey(), witness.name, url}));
    return {};
  });
}

Status WitnessBook::remove(std::string_view name) {
  SIGNALBOX_TRY(const std::int64_t gone,
                database_.execute("delete from evidence_witness where name = ?", {std::string(name)}));
  if (gone == 0) return fail(ErrorKind::not_found, fmt::format("there is no witness {}", name));
  SIGNALBOX_CHECK(
      database_.execute("delete from evidence_quorum where k > (select count(*) from evidence_witness)"));
  return {};
}

Result<std::vector<AskedWitness>> WitnessBook::witnesses() const {
  SIGNALBOX_TRY(const auto rows, database_.query("select vkey, url, size, cosigned, tried, problem from "
                                                 "evidence_witness order by name"));
  std::vector<AskedWitness> out;
  for (const Row& row : rows) {
    AskedWitness one;
    SIGNALBOX_TRY(one.key, parse_vkey(row.text(0)));
    one.url = row.text(1);
    one.size = static_cast<std::uint64_t>(row.integer(2));
    one.cosigned = time_at(row, 3);
    one.tried = time_at(row, 4);
    one.problem = row.text(5);
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<PublicKey>> WitnessBook::keys() const {
  SIGNALBOX_TRY(const std::vector<AskedWitness> all, witnesses());
  std::vector<PublicKey> out;
  for (const AskedWitness& one : all) out.push_back(one.key);
  return out;
}

Result<int> WitnessBook::quorum() const {
  SIGNALBOX_TRY(const auto rows,
                database_.query("select (select count(*) from evidence_witness), (select k from "
                                "evidence_quorum where one = 1)"));
  const auto all = static_cast<int>(rows[0].integer(0));
  if (all == 0) return 0;
  return rows[0].is_null(1) ? all / 2 + 1 : static_cast<int>(rows[0].integer(1));
}

Status WitnessBook::set_quorum(int wanted) {
  SIGNALBOX_TRY(const auto rows, database_.query("select count(*) from evidence_witness"));
  if (wanted < 1 || wanted > rows[0].integer(0)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} of {} witnesses can never be had", wanted, rows[0].integer(0)),
                "add witnesses first: signalbox evidence witness add KEY --url URL");
  }
  SIGNALBOX_CHECK(database_.execute(
      "insert into evidence_quorum (one, k) values (1, ?) on conflict (one) do update set k = excluded.k",
      {std::int64_t{wanted}}));
  return {};
}

Status WitnessBook::keep_cosignature(const AskedWitness& witness, const Note& checkpoint,
                                     const NoteSignature& cosignature, Time now) {
  SIGNALBOX_TRY(const Checkpoint shown, parse_checkpoint(checkpoint.text));
  const auto size = static_cast<std::int64_t>(shown.size);
  return database_.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows,
                  database_.query("select note from evidence_cosigned where size = ?", {size}));
    Note note = checkpoint;
    if (!rows.empty()) {
      SIGNALBOX_TRY(const Note kept, parse_note(rows[0].text(0)));
      if (kept.text == checkpoint.text) note = kept;
    }
    note = with_signature(std::move(note), witness.key, cosignature);
    SIGNALBOX_CHECK(
        database_.execute("insert into evidence_cosigned (size, t, note) values (?, ?, ?) on conflict "
                          "(size) do update set t = excluded.t, note = excluded.note",
                          {size, count(now), write_note(note)}));
    SIGNALBOX_CHECK(
        database_.execute("delete from evidence_cosigned where size < (select min(size) from (select size "
                          "from evidence_cosigned order "
                          "by size desc limit ?) as newest)",
                          {kMaxKeptNotes}));
    SIGNALBOX_CHECK(database_.execute(
        "update evidence_witness set size = ?, cosigned = ?, tried = ?, problem = '' where vkey = ?",
        {size, count(now), count(now), witness.key.vkey()}));
    return {};
  });
}

Status WitnessBook::keep_problem(const AskedWitness& witness, std::uint64_t size, const std::string& problem,
                                 Time now) {
  SIGNALBOX_CHECK(
      database_.execute("update evidence_witness set size = ?, tried = ?, problem = ? where vkey = ?",
                        {static_cast<std::int64_t>(size), count(now), problem.substr(0, kMaxProblemBytes),
                         witness.key.vkey()}));
  return {};
}

Result<std::optional<std::string>> WitnessBook::cosigned(std::uint64_t size) const {
  SIGNALBOX_TRY(const auto rows, database_.query("select note from evidence_cosigned where size = ?",
                                                 {static_cast<std::int64_t>(size)}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows[0].text(0));
}

Result<std::optional<std::string>> WitnessBook::witnessed(std::uint64_t at_least) const {
  SIGNALBOX_TRY(const int wanted, quorum());
  if (wanted == 0) return std::optional<std::string>();
  SIGNALBOX_TRY(const std::vector<PublicKey> known, keys());
  SIGNALBOX_TRY(
      const auto rows,
      database_.query("select note from evidence_cosigned where size >= ? order by size "
                      "desc limit ?",
                      {static_cast<std::int64_t>(at_least), static_cast<std::int64_t>(kMaxNotesLookedAt)}));
  for (const Row& row : rows) {
    SIGNALBOX_TRY(const Note note, parse_note(row.text(0)));
    SIGNALBOX_TRY(const std::vector<Cosignature> by, cosigned_by(note, known));
    if (by.size() >= static_cast<std::size_t>(wanted)) return std::optional<std::string>(row.text(0));
  }
  return std::optional<std::string>();
}

Result<std::vector<std::string>> WitnessBook::cosigned_notes(std::size_t limit) const {
  SIGNALBOX_TRY(const auto rows,
                database_.query("select note from evidence_cosigned order by size desc limit ?",
                                {static_cast<std::int64_t>(limit)}));
  std::vector<std::string> out;
  for (const Row& row : rows) out.push_back(row.text(0));
  return out;
}

}  // namespace signalbox::evidence
