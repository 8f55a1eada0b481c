#include "core/evidence/witness.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/config/workspace.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/merkle.hpp"
#include "core/evidence/recorder.hpp"
#include "core/evidence/witness_request.hpp"

namespace signalbox::evidence {
namespace {

using store::Database;
using store::Row;

constexpr int kOk = 200, kBadRequest = 400, kForbidden = 403, kNotFound = 404, kConflict = 409,
              kUnprocessable = 422;
constexpr std::string_view kColumns = "select vkey, size, note, t from evidence_witnessed";

WitnessAnswer refuse(int status, std::string_view why) {
  return {status, "text/plain; charset=utf-8", fmt::format("{}\n", why)};
}

Result<WitnessedLog> log_of(const Row& row) {
  WitnessedLog out;
  SIGNALBOX_TRY(out.key, parse_vkey(row.text(0)));
  out.size = row.integer(1);
  out.note = row.text(2);
  if (out.size >= 0) out.time = Time(Duration(row.integer(3)));
  return out;
}

// The newest checkpoint that was cosigned, of size 0 where there is none.
struct Recorded {
  std::uint64_t size = 0;
  Sha256 root = empty_root();
  std::string note;
};

Result<Recorded> recorded_of(Database& database, const std::string& origin) {
  SIGNALBOX_TRY(const auto rows,
                database.query("select size, note from evidence_witnessed where origin = ?", {origin}));
  Recorded out;
  if (rows.empty() || rows[0].integer(0) < 0) return out;
  out.note = rows[0].text(1);
  SIGNALBOX_TRY(const Note note, parse_note(out.note));
  SIGNALBOX_TRY(const Checkpoint checkpoint, parse_checkpoint(note.text));
  out.size = checkpoint.size;
  out.root = checkpoint.root;
  return out;
}

}  // namespace

// A request whose checkpoint a known log signed.
struct Witness::Submission {
  WitnessRequest request;
  Note note;
  Checkpoint checkpoint;
  PublicKey log;
};

store::Migration witness_migration() {
  return {"evidence", 4, "what this store witnesses",
          "create table evidence_witnessed (origin TEXT primary key, hash TEXT not null, vkey TEXT not null, "
          "size "
          "INTEGER not null, note TEXT not null, t INTEGER not null);"};
}

Status Witness::add(const PublicKey& log) {
  return database_.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows,
                  database_.query("select vkey from evidence_witnessed where origin = ?", {log.name}));
    if (!rows.empty() && rows[0].text(0) == log.vkey()) return {};
    if (!rows.empty())
      return fail(ErrorKind::conflict,
                  fmt::format("the log {} is known by another key, {}", log.name, rows[0].text(0)),
                  fmt::format("signalbox evidence witness remove {}", log.name));
    SIGNALBOX_CHECK(database_.execute(
        "insert into evidence_witnessed (origin, hash, vkey, size, note, t) values (?, ?, ?, -1, '', 0)",
        {log.name, origin_hash(log.name), log.vkey()}));
    return {};
  });
}

Status Witness::remove(std::string_view origin) {
  SIGNALBOX_TRY(const std::int64_t gone,
                database_.execute("delete from evidence_witnessed where origin = ?", {std::string(origin)}));
  if (gone == 0) return fail(ErrorKind::not_found, fmt::format("no log {} is known here", origin));
  return {};
}

Result<std::vector<WitnessedLog>> Witness::logs() const {
  SIGNALBOX_TRY(const auto rows, database_.query(std::string(kColumns) + " order by origin"));
  std::vector<WitnessedLog> out;
  for (const Row& row : rows) {
    SIGNALBOX_TRY(WitnessedLog log, log_of(row));
    out.push_back(std::move(log));
  }
  return out;
}

Result<std::string> Witness::checkpoint_of(std::string_view hash) const {
  SIGNALBOX_TRY(const auto rows, database_.query(std::string(kColumns) + " where hash = ? and size >= 0",
                                                 {std::string(hash)}));
  if (rows.empty()) return fail(ErrorKind::not_found, "no checkpoint of such a log was cosigned here");
  return rows[0].text(2);
}

Result<std::vector<PublicKey>> Witness::keys_of(std::string_view origin) const {
  std::vector<PublicKey> out;
  SIGNALBOX_TRY(const auto rows,
                database_.query(std::string(kColumns) + " where origin = ?", {std::string(origin)}));
  for (const Row& row : rows) {
    SIGNALBOX_TRY(WitnessedLog log, log_of(row));
    out.push_back(std::move(log.key));
  }
  return out;
}

Result<WitnessAnswer> Witness::add_checkpoint(std::string_view body, const SigningKey& key,
                                              const std::function<void(const Alarm&)>& on_alarm) {
  Submission submission;
  auto request = parse_witness_request(body);
  if (!request) return refuse(kBadRequest, request.error().message);
  submission.request = std::move(*request);
  auto note = parse_note(submission.request.checkpoint);
  if (!note) return refuse(kBadRequest, note.error().message);
  submission.note = std::move(*note);
  auto checkpoint = parse_checkpoint(submission.note.text);
  if (!checkpoint) return refuse(kBadRequest, checkpoint.error().message);
  submission.checkpoint = std::move(*checkpoint);
  SIGNALBOX_TRY(const std::vector<PublicKey> known, keys_of(submission.checkpoint.origin));
  if (known.empty()) return refuse(kNotFound, "this log is not known here");
  const auto by = verify_note(submission.note, known);
  if (!by || by->empty()) return refuse(kForbidden, by ? "no key of the log signed it" : by.error().message);
  submission.log = by->front();
  if (submission.request.old_size > submission.checkpoint.size)
    return refuse(kBadRequest, "the old size is larger than that of the checkpoint");
  std::optional<Alarm> alarm;
  Result<WitnessAnswer> answer;
  SIGNALBOX_CHECK(database_.transaction(Database::Access::write, [&]() -> Status {
    answer = decide(submission, key, alarm);
    return answer ? Status{} : Status(fail(answer.error()));
  }));
  if (alarm) {
    SIGNALBOX_TRY(const bool fresh, keep_alarm(database_, *alarm));
    if (fresh && on_alarm) on_alarm(*alarm);
  }
  return answer;
}

Result<WitnessAnswer> Witness::decide(const Submission& submission, const SigningKey& key,
                                      std::optional<Alarm>& alarm) {
  const Checkpoint& shown = submission.checkpoint;
  const std::vector<Sha256>& proof = submission.request.proof;
  SIGNALBOX_TRY(const Recorded seen, recorded_of(database_, shown.origin));
  if (shown.size > 0 && shown.size == seen.size && shown.root != seen.root) {
    SIGNALBOX_TRY(const Note first, parse_note(seen.note));
    alarm = Alarm{Alarm::Kind::fork,
                  clock_.now(),
                  submission.log.vkey(),
                  write_note(signed_alone_by(submission.log, first)),
                  write_note(signed_alone_by(submission.log, submission.note)),
                  "add-checkpoint"};
  }
  if (submission.request.old_size != seen.size)
    return WitnessAnswer{kConflict, std::string(kTreeSizeType), fmt::format("{}\n", seen.size)};
  if (shown.size == 0 && shown.root != empty_root())
    return refuse(kUnprocessable, "the root is not that of an empty tree");
  if (seen.size == 0 && !proof.empty())
    return refuse(kUnprocessable, "a proof from size 0: every tree extends the empty one");
  if (seen.size > 0) {
    if (const Status extends = verify_consistency(seen.size, shown.size, proof, seen.root, shown.root);
        !extends)
      return refuse(kUnprocessable, extends.error().message);
  }
  const NoteSignature cosignature = cosign(submission.note.text, key, clock_.now());
  Note cosigned = signed_alone_by(submission.log, submission.note);
  cosigned.signatures.push_back(cosignature);
  SIGNALBOX_CHECK(store(submission, write_note(cosigned)));
  return WitnessAnswer{kOk, "text/plain; charset=utf-8", signature_line(cosignature)};
}

Status Witness::store(const Submission& submission, const std::string& cosigned) {
  SIGNALBOX_CHECK(
      database_.execute("insert into evidence_witnessed (origin, hash, vkey, size, note, t) values (?, ?, ?, "
                        "?, ?, ?) on conflict "
                        "(origin) do update set size = excluded.size, note = excluded.note, t = excluded.t",
                        {submission.checkpoint.origin, origin_hash(submission.checkpoint.origin),
                         submission.log.vkey(), static_cast<std::int64_t>(submission.checkpoint.size),
                         cosigned, std::int64_t{clock_.now().time_since_epoch().count()}}));
  return {};
}

Result<SigningKey> own_witness_key() {
  KeyStore keys(keys_directory());
  SIGNALBOX_TRY(const std::vector<StoredKey> all, keys.stored());
  for (const StoredKey& stored : all) {
    if (!stored.revoked_at &&
        std::find(stored.roles.begin(), stored.roles.end(), "witness") != stored.roles.end())
      return unlock(keys, stored.key.name);
  }
  const std::string name = machine_key_name("witness");
  SIGNALBOX_CHECK(keys.create(name, {}, {"witness"}));
  return keys.load(name);
}

}  // namespace signalbox::evidence
