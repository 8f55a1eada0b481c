#include "instruments/profile/kept/profile_store.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/remote/remote_log.hpp"
#include "instruments/profile/kept/orphans.hpp"

namespace signalbox::profile {
namespace {

using store::Value;

constexpr std::size_t kServicesMax = 500;
constexpr std::size_t kIdDigits = 64;
constexpr char kBehindDigits = 'g';  // comes after all that an id is written with
constexpr std::string_view kColumns =
    "id, format, bytes, service, commit_id, branch, host, mode, command, labels, taken_ms, duration_ms, "
    "type, "
    "unit, total, samples, overhead, kept_ms, kept_by, thumbnail";

tl::unexpected<Error> none_kept(std::string_view id) {
  return fail(ErrorKind::not_found, fmt::format("no profile {} is kept", printable(id)),
              "signalbox profile store list");
}

std::int64_t ms_of(Time time) {
  return time.time_since_epoch().count();
}
Time time_of(std::int64_t ms) {
  return Time(Duration(ms));
}

KeptProfile profile_of(const store::Row& row) {
  KeptProfile out;
  out.id = row.text(0);
  out.format = row.text(1);
  out.bytes = row.integer(2);
  out.service = row.text(3);
  out.commit = row.text(4);
  out.branch = row.text(5);
  out.host = row.text(6);
  out.mode = row.text(7);
  out.command = row.text(8);
  out.labels = labels_from(parse_json(row.text(9)).value_or(Json()));
  out.taken = time_of(row.integer(10));
  out.duration_ms = row.integer(11);
  out.type = row.text(12);
  out.unit = row.text(13);
  out.total = row.integer(14);
  out.samples = row.integer(15);
  if (!row.is_null(16)) out.overhead = row.real(16);
  out.kept = time_of(row.integer(17));
  out.kept_by = row.text(18);
  out.thumbnail = row.text(19);
  return out;
}

std::vector<Value> values_of(const KeptProfile& profile) {
  return {profile.id,
          profile.format,
          profile.bytes,
          profile.service,
          profile.commit,
          profile.branch,
          profile.host,
          profile.mode,
          profile.command,
          labels_json(profile.labels).dump(),
          ms_of(profile.taken),
          profile.duration_ms,
          profile.type,
          profile.unit,
          profile.total,
          profile.samples,
          profile.overhead ? Value(*profile.overhead) : Value(),
          ms_of(profile.kept),
          profile.kept_by,
          profile.thumbnail};
}

// The condition of a query and its values.
class Where {
 public:
  void add(std::string_view condition, std::vector<Value> values) {
    text_.append(text_.empty() ? " where " : " and ").append(condition);
    values_.insert(values_.end(), values.begin(), values.end());
  }
  const std::string& text() const { return text_; }
  std::vector<Value> values_and(Value last) const {
    std::vector<Value> out = values_;
    out.push_back(std::move(last));
    return out;
  }

 private:
  std::string text_;
  std::vector<Value> values_;
};

}  // namespace

std::vector<store::Migration> kept_migrations() {
  return {{"profile", 1, "kept profiles",
           "create table profile_kept (id TEXT primary key, format TEXT not null, bytes INTEGER not null, "
           "service TEXT not null, commit_id TEXT not null, branch TEXT not null, host TEXT not null, "
           "mode TEXT not null, command TEXT not null, labels TEXT not null, taken_ms INTEGER not null, "
           "duration_ms INTEGER not null, type TEXT not null, unit TEXT not null, total INTEGER not null, "
           "samples INTEGER not null, overhead REAL, kept_ms INTEGER not null, kept_by TEXT not null, "
           "thumbnail TEXT not null);\n"
           "create index profile_kept_by_time on profile_kept (taken_ms, id);\n"
           "create index profile_kept_by_service on profile_kept (service, taken_ms, id);\n"
           "create index profile_kept_by_commit on profile_kept (commit_id);\n"
           "create index profile_kept_by_age on profile_kept (kept_ms, id);\n"
           "--postgresql create table profile_octets (id TEXT primary key, octets BLOB not null);\n"},
          // Each open page asks for the totals once a second: rows are wide, and are not read for it.
          {"profile", 2, "totals from an index",
           "drop index profile_kept_by_age;\n"
           "create index profile_kept_by_age on profile_kept (kept_ms, id, bytes);\n"}};
}

std::filesystem::path blobs_of(const Workspace& workspace, std::string_view store) {
  constexpr std::string_view kScheme = "sqlite:";
  constexpr std::string_view kFolder = "profile";  // its own: what is removed here is nobody else's
  if (store.empty() || store.starts_with("postgresql:")) return workspace.blobs() / kFolder;
  if (store.starts_with(kScheme)) store.remove_prefix(kScheme.size());
  std::error_code error;
  std::filesystem::path path = std::filesystem::weakly_canonical(store, error);
  if (error) path = store;
  // Files of databases that lie side by side do not: what is no row here is no orphan there.
  const bool is_workspaces = path.filename() == Workspace().database().filename();
  return path.parent_path() / "blobs" /
         (is_workspaces ? std::string(kFolder) : fmt::format("{}-{}", kFolder, path.filename().string()));
}

Result<std::unique_ptr<store::Database>> open_kept_store(const Workspace& workspace,
                                                         const std::string& store) {
  if (remote::is_server(store))
    return fail(ErrorKind::bad_input, fmt::format("{}: this needs the store itself, not a server", store),
                "the console of that server shows what it keeps");
  SIGNALBOX_TRY(auto database,
                store::open_database(store.empty() ? "sqlite:" + workspace.database().string() : store));
  SIGNALBOX_CHECK(store::migrate(*database, kept_migrations()));
  return database;
}

ProfileStore::ProfileStore(store::Database& database, std::filesystem::path blobs, KeptLimits limits)
    : database_(database), folder_(std::move(blobs)), blobs_(folder_), limits_(limits) {}

// Octets and row are one transaction: whoever else writes waits. The files of those that go for it are
// removed behind its commit: where it never comes to that, their rows are still there, and so must they be.
Result<ProfileStore::Added> ProfileStore::add(const KeptProfile& profile, std::string_view octets) {
  if (profile.bytes > limits_.bytes_max)
    return fail(ErrorKind::bad_input, fmt::format("a profile of {} bytes is not kept", profile.bytes),
                fmt::format("all together may have {}", limits_.bytes_max));
  Added out{profile, false, 0};
  std::vector<std::string> gone;
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    if (auto known = find(profile.id)) {
      out.profile = std::move(*known);
      out.was_there = true;
      return put_octets(profile, octets);  // where they were lost or damaged
    }
    SIGNALBOX_CHECK(put_octets(profile, octets));
    std::string places = "?";
    for (std::size_t i = 1; i < values_of(profile).size(); ++i) places += ", ?";
    SIGNALBOX_CHECK(database_.execute(
        fmt::format("insert into profile_kept ({}) values ({})", kColumns, places), values_of(profile)));
    SIGNALBOX_TRY(gone, make_room(profile.id));
    return {};
  }));
  out.gone = static_cast<std::int64_t>(gone.size());
  tidy(std::move(gone));
  return out;
}

Status ProfileStore::put_octets(const KeptProfile& profile, std::string_view octets) {
  if (database_.engine() == store::Engine::postgresql) {
    SIGNALBOX_CHECK(database_.execute("delete from profile_octets where id = ?", {profile.id}));
    SIGNALBOX_CHECK(database_.execute("insert into profile_octets (id, octets) values (?, ?)",
                                      {profile.id, store::Blob{std::string(octets)}}));
    return {};
  }
  SIGNALBOX_TRY(const std::string digest, blobs_.put(octets));
  if (digest == profile.id) return {};
  return fail(ErrorKind::internal, "a profile was described by another digest than that of its octets");
}

Status ProfileStore::forget(const std::string& id) {
  SIGNALBOX_CHECK(database_.execute("delete from profile_kept where id = ?", {id}));
  if (database_.engine() == store::Engine::postgresql)
    SIGNALBOX_CHECK(database_.execute("delete from profile_octets where id = ?", {id}));
  return {};
}

// What was asked for is committed: a file that stays is no failure of it, and is swept later.
void ProfileStore::tidy(std::vector<std::string> gone) {
  if (database_.engine() == store::Engine::postgresql) return;
  Result<std::vector<std::string>> orphans = orphans_due(database_, folder_);
  if (orphans) {
    gone.insert(gone.end(), orphans->begin(), orphans->end());
  } else {
    notes_.push_back("looking for files of no profile: " + printable(orphans.error().message));
  }
  if (gone.empty()) return;
  if (const Status removed = remove_files(gone); !removed)
    notes_.push_back("a file of a profile that is kept no longer is still there: " +
                     printable(removed.error().message));
}

// All that can be; one that was given again meanwhile keeps its file. The first error.
Status ProfileStore::remove_files(const std::vector<std::string>& ids) {
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    Status out;
    for (const std::string& id : ids) {
      const auto known = database_.query("select 1 from profile_kept where id = ?", {id});
      if (!known || !known->empty()) continue;
      if (Status removed = blobs_.remove(id); !removed && out) out = std::move(removed);
    }
    return out;
  });
}

Result<std::vector<std::string>> ProfileStore::make_room(const std::string& fresh) {
  std::vector<std::string> gone;
  SIGNALBOX_TRY(Totals now, totals());
  while (now.bytes > limits_.bytes_max || now.profiles > limits_.profiles_max) {
    SIGNALBOX_TRY(
        const std::vector<store::Row> oldest,
        database_.query("select id, bytes from profile_kept where id <> ? order by kept_ms, id limit 1",
                        {fresh}));
    if (oldest.empty()) break;
    gone.push_back(oldest.front().text(0));
    SIGNALBOX_CHECK(forget(gone.back()));
    now.bytes -= oldest.front().integer(1);
    --now.profiles;
  }
  return gone;
}

Result<std::vector<KeptProfile>> ProfileStore::list(const KeptQuery& query) {
  Where where;
  if (!query.service.empty()) where.add("service = ?", {query.service});
  if (!query.commit.empty()) {
    const std::string digits = to_lower(query.commit);
    if (!is_lower_hex(digits)) return fail(ErrorKind::bad_input, "commit: is no beginning of a commit's id");
    where.add("commit_id >= ? and commit_id < ?", {digits, digits + kBehindDigits});
  }
  if (query.since) where.add("taken_ms >= ?", {ms_of(*query.since)});
  if (query.until) where.add("taken_ms < ?", {ms_of(*query.until)});
  if (!query.before.empty()) {
    SIGNALBOX_TRY(const KeptProfile last, find(query.before));
    where.add("(taken_ms < ? or (taken_ms = ? and id < ?))", {ms_of(last.taken), ms_of(last.taken), last.id});
  }
  SIGNALBOX_TRY(
      const std::vector<store::Row> rows,
      database_.query(fmt::format("select {} from profile_kept{} order by taken_ms desc, id desc limit ?",
                                  kColumns, where.text()),
                      where.values_and(static_cast<std::int64_t>(query.limit))));
  std::vector<KeptProfile> out;
  for (const store::Row& row : rows) out.push_back(profile_of(row));
  return out;
}

Result<KeptProfile> ProfileStore::find(std::string_view id) {
  if (!is_sha256(id))
    return fail(ErrorKind::bad_input, "a kept profile is named by the 64 digits of its SHA-256",
                "signalbox profile store list");
  SIGNALBOX_TRY(
      const std::vector<store::Row> rows,
      database_.query(fmt::format("select {} from profile_kept where id = ?", kColumns), {std::string(id)}));
  if (!rows.empty()) return profile_of(rows.front());
  return none_kept(id);
}

Result<KeptProfile> ProfileStore::find_beginning(std::string_view digits) {
  if (digits.size() == kIdDigits) return find(digits);
  if (digits.empty() || !is_lower_hex(digits)) return none_kept(digits);
  const std::string from(digits);
  SIGNALBOX_TRY(
      const std::vector<store::Row> rows,
      database_.query(
          fmt::format("select {} from profile_kept where id >= ? and id < ? order by id limit 2", kColumns),
          {from, from + kBehindDigits}));
  if (rows.empty()) return none_kept(digits);
  if (rows.size() == 1) return profile_of(rows.front());
  return fail(ErrorKind::bad_input, fmt::format("{}: several profiles begin so", digits),
              "signalbox profile store list");
}

Result<std::string> ProfileStore::octets(const KeptProfile& profile) {
  if (database_.engine() == store::Engine::sqlite) return blobs_.get(profile.id);
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database_.query("select octets from profile_octets where id = ?", {profile.id}));
  if (rows.empty() || to_hex(sha256(rows.front().blob(0))) != profile.id)
    return fail(ErrorKind::internal,
                fmt::format("the octets of profile {} are lost, or not those of its digest", profile.id),
                "give it again, or remove it");
  return rows.front().blob(0);
}

Status ProfileStore::remove(std::string_view id) {
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const KeptProfile profile, find(id));
    return forget(profile.id);
  }));
  tidy({std::string(id)});
  return {};
}

Result<ProfileStore::Totals> ProfileStore::totals() {
  SIGNALBOX_TRY(
      const std::vector<store::Row> rows,
      database_.query(
          "select count(*), cast(coalesce(sum(bytes), 0) as bigint), coalesce(max(kept_ms), 0) from "
          "profile_kept"));
  return Totals{rows.front().integer(0), rows.front().integer(1), rows.front().integer(2)};
}

Result<std::vector<std::string>> ProfileStore::services() {
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database_.query("select distinct service from profile_kept order by service limit ?",
                                {static_cast<std::int64_t>(kServicesMax)}));
  std::vector<std::string> out;
  for (const store::Row& row : rows) out.push_back(row.text(0));
  return out;
}

}  // namespace signalbox::profile
