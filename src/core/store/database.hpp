// One interface over SQLite (default) and PostgreSQL. SQL is written once, with ? for parameters and the
// types INTEGER, REAL, TEXT, BLOB (PostgreSQL: bigint, double precision, text, bytea).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::store {

struct Blob {
  std::string octets;
  bool operator==(const Blob&) const = default;
};
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;  // monostate: NULL

// One row of a result. Reading a column as another type than it holds gives that type's zero value; NULL
// likewise.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  std::size_t size() const { return values_.size(); }
  const Value& operator[](std::size_t column) const { return values_[column]; }
  bool is_null(std::size_t column) const { return std::holds_alternative<std::monostate>(values_[column]); }
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  const std::string& blob(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

enum class Engine { sqlite, postgresql };

// Forward only. `sql` holds statements separated by ';'; a line that begins with "--sqlite " or "--postgresql
// " is for that engine alone. Its digest is recorded; a migration that was applied and has since changed is
// drift.
struct Migration {
  std::string owner;  // "evidence": its tables start with "evidence_"
  int version = 0;    // 1, 2, 3 … without gaps
  std::string name;
  std::string sql;
};

// A connection. Not thread-safe: one thread at a time. Opening another to the same store is cheap.
class Database {
 public:
  virtual ~Database() = default;
  virtual Engine engine() const = 0;

  // Runs one statement. Busy or locked after `busy_timeout` → unavailable with the hint who holds it; full,
  // read-only → unavailable / denied.
  virtual Result<std::int64_t> execute(std::string_view sql,
                                       const std::vector<Value>& parameters = {}) = 0;  // rows changed
  virtual Result<std::vector<Row>> query(std::string_view sql, const std::vector<Value>& parameters = {}) = 0;
  // Calls `visit` for each row without holding all; visit returns false to stop, and must not use this
  // Database.
  virtual Status for_each(std::string_view sql, const std::vector<Value>& parameters,
                          const std::function<bool(const Row&)>& visit) = 0;
  // Many rows in one go: a prepared statement on SQLite, one INSERT … unnest of binary arrays on PostgreSQL.
  // Inside a transaction or alone.
  virtual Status insert_many(std::string_view table, const std::vector<std::string>& columns,
                             const std::vector<std::vector<Value>>& rows) = 0;

  // Commits when `work` succeeds, rolls back when it fails. `write` takes the writer's lock at once (BEGIN
  // IMMEDIATE / advisory lock), `read` sees one snapshot. Does not nest.
  enum class Access { read, write };
  virtual Status transaction(Access access, const std::function<Status()>& work) = 0;
};

struct OpenOptions {
  std::chrono::milliseconds busy_timeout{10'000};
  bool read_only = false;
};

// "sqlite:PATH", a bare path, or "postgresql://…". Creates an SQLite file and its folder. A store written by
// a newer Signalbox is a conflict.
Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options = {});

Result<bool> has_table(Database& database, std::string_view table);

// Brings the tables of each owner to their newest version, each migration in one transaction, several
// processes at once included.
Status migrate(Database& database, const std::vector<Migration>& migrations);

// Files by SHA-256 below a folder: blobs/ab/cdef…  Written atomically and durably, verified on each read.
class BlobStore {
 public:
  explicit BlobStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<std::string> put(std::string_view octets);  // lower-case hexadecimal digest
  Result<std::string> get(std::string_view digest)
      const;  // not_found; or internal "corrupt" when the octets are not those of the digest
  bool has(std::string_view digest) const;
  // For whoever owns all that is in the folder. Fine where it is not there; bad_input for what is no digest.
  Status remove(std::string_view digest);

 private:
  std::filesystem::path folder_;
};

}  // namespace signalbox::store
