#include "core/store/migrate.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/store/sql_text.hpp"

namespace signalbox::store {
namespace {

constexpr std::string_view kTable = "signalbox_migration";
constexpr std::string_view kNewer = "install the Signalbox that wrote it, or a newer one";

// The table that remembers migrations is itself the first of them, owned by the store.
const Migration& own_migration() {
  static const Migration kOwn{
      "store", 1, "remember migrations",
      "create table if not exists signalbox_migration ("
      "owner TEXT not null, version INTEGER not null, name TEXT not null, digest TEXT not null, "
      "applied_ms INTEGER not null, primary key (owner, version))"};
  return kOwn;
}

// owner → version → digest of what was applied
using Applied = std::map<std::string, std::map<int, std::string>>;

Result<Applied> read_applied(Database& database) {
  Applied out;
  SIGNALBOX_TRY(const bool exists, has_table(database, kTable));
  if (!exists) return out;
  SIGNALBOX_CHECK(
      database.for_each("select owner, version, digest from signalbox_migration", {}, [&](const Row& row) {
        out[row.text(0)][static_cast<int>(row.integer(1))] = row.text(2);
        return true;
      }));
  return out;
}

Status apply(Database& database, const Migration& migration) {
  const Dialect dialect = database.engine() == Engine::sqlite ? Dialect::sqlite : Dialect::postgresql;
  for (const std::string& statement : split_statements(select_dialect(migration.sql, dialect))) {
    if (auto done = database.execute(statement); !done) {
      return fail_in(fmt::format("migration {} {} ({})", migration.owner, migration.version, migration.name),
                     std::move(done).error());
    }
  }
  const auto done = database.execute(
      "insert into signalbox_migration (owner, version, name, digest, applied_ms) values (?, ?, ?, ?, ?)",
      {migration.owner, std::int64_t{migration.version}, migration.name, to_hex(sha256(migration.sql)),
       std::int64_t{SystemClock().now().time_since_epoch().count()}});
  if (!done) return fail(done.error());
  return {};
}

// Nothing of it, or exactly this, was applied before.
Status check_drift(const Applied& applied, const Migration& migration) {
  const auto owner = applied.find(migration.owner);
  if (owner == applied.end()) return {};
  const auto version = owner->second.find(migration.version);
  if (version == owner->second.end() || version->second == to_hex(sha256(migration.sql))) return {};
  return fail(ErrorKind::conflict,
              fmt::format("migration {} {} ({}) is not the one this store was made with", migration.owner,
                          migration.version, migration.name),
              "the store comes from a build with other tables: use that build, or another store");
}

Status check_newest(const Applied& applied, const std::string& owner, int newest) {
  const auto found = applied.find(owner);
  if (found == applied.end() || found->second.empty() || found->second.rbegin()->first <= newest) return {};
  return fail(ErrorKind::conflict,
              fmt::format("the store is newer than this program: {} tables have version {}, known is {}",
                          owner, found->second.rbegin()->first, newest),
              std::string(kNewer));
}

bool is_applied(const Applied& applied, const Migration& migration) {
  const auto owner = applied.find(migration.owner);
  return owner != applied.end() && owner->second.contains(migration.version);
}

Status check_order(const std::vector<Migration>& migrations) {
  std::map<std::string, int> last;
  for (const Migration& migration : migrations) {
    if (migration.version != ++last[migration.owner]) {
      return fail(ErrorKind::internal, fmt::format("migrations of {} have a gap at version {}",
                                                   migration.owner, migration.version));
    }
  }
  return {};
}

// Under the writer's lock: another process may have applied it since we looked.
Status apply_once(Database& database, const Migration& migration) {
  return database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const Applied applied, read_applied(database));
    SIGNALBOX_CHECK(check_drift(applied, migration));
    return is_applied(applied, migration) ? Status{} : apply(database, migration);
  });
}

}  // namespace

Status check_format(Database& database) {
  SIGNALBOX_TRY(const bool exists, has_table(database, kTable));
  if (!exists) return {};
  SIGNALBOX_TRY(const auto rows,
                database.query("select max(version) from signalbox_migration where owner = 'store'"));
  if (rows[0].integer(0) <= own_migration().version) return {};
  return fail(ErrorKind::conflict,
              fmt::format("the store is newer than this program: its layout has version {}, known is {}",
                          rows[0].integer(0), own_migration().version),
              std::string(kNewer));
}

Status migrate(Database& database, const std::vector<Migration>& migrations) {
  SIGNALBOX_CHECK(check_order(migrations));
  SIGNALBOX_TRY(const Applied applied, read_applied(database));
  std::map<std::string, int> newest;
  for (const Migration& migration : migrations) newest[migration.owner] = migration.version;
  for (const auto& [owner, version] : newest) SIGNALBOX_CHECK(check_newest(applied, owner, version));
  if (!is_applied(applied, own_migration())) SIGNALBOX_CHECK(apply_once(database, own_migration()));
  for (const Migration& migration : migrations) {
    SIGNALBOX_CHECK(check_drift(applied, migration));
    if (!is_applied(applied, migration)) SIGNALBOX_CHECK(apply_once(database, migration));
  }
  return {};
}

}  // namespace signalbox::store
