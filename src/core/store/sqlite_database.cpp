#include "core/store/sqlite_database.hpp"

#include <thread>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/store/sqlite_error.hpp"

namespace signalbox::store {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxCachedStatements = 128;
constexpr int kApplicationId = 0x53474258;  // "SGBX"
constexpr int kPageBytes = 8192;
constexpr int kCheckpointPages = (16 << 20) / kPageBytes;  // copied into the file when no reader hinders
constexpr int kRestartPages =
    (64 << 20) / kPageBytes;  // above this the writer waits for readers, so that the log stays bounded
constexpr std::chrono::milliseconds kRestartPatience{200};

// What the busy handler needs: since when this wait lasts, and how long it may.
struct Patience {
  std::chrono::milliseconds limit{};
  SteadyClock::time_point start{};
};

int wait_while_busy(void* context, int attempt) {
  auto& patience = *static_cast<Patience*>(context);
  const auto now = SteadyClock::now();
  if (attempt == 0) patience.start = now;
  if (now - patience.start >= patience.limit) return 0;
  std::this_thread::sleep_for(attempt < 20 ? std::chrono::microseconds(500) : std::chrono::milliseconds(5));
  return 1;
}

int keep_wal_pages(void* context, sqlite3*, const char*, int pages) {
  *static_cast<int*>(context) = pages;
  return SQLITE_OK;
}

Value column_value(sqlite3_stmt* statement, int column) {
  const auto octets = [&](const void* data) {
    return std::string(static_cast<const char*>(data),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return octets(sqlite3_column_text(statement, column));
    case SQLITE_BLOB: {
      const void* data = sqlite3_column_blob(statement, column);  // NULL when it is empty
      return Blob{data == nullptr ? std::string() : octets(data)};
    }
    default:
      return std::monostate{};
  }
}

Row row_of(sqlite3_stmt* statement) {
  std::vector<Value> values;
  const int columns = sqlite3_column_count(statement);
  values.reserve(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) values.push_back(column_value(statement, column));
  return Row(std::move(values));
}

struct Binder {
  sqlite3_stmt* statement;
  int at;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, at); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, at, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, at, value); }
  int operator()(const std::string& value) const {
    return sqlite3_bind_text64(statement, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const Blob& value) const {
    return sqlite3_bind_blob64(statement, at, value.octets.data(), value.octets.size(), SQLITE_STATIC);
  }
};

std::string placeholders(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

}  // namespace

class SqliteDatabase::Use {
 public:
  Use(sqlite3_stmt* statement, bool cached) : statement_(statement), cached_(cached) {}
  Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)), cached_(other.cached_) {}
  Use& operator=(Use&&) = delete;
  ~Use() {
    if (statement_ == nullptr) return;
    if (!cached_) {
      sqlite3_finalize(statement_);
      return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_;
  bool cached_;
};

struct SqliteDatabase::Waiting : Patience {};

Result<std::unique_ptr<Database>> SqliteDatabase::open(const fs::path& path, const OpenOptions& options,
                                                       const std::string& vfs) {
  std::error_code ignored;
  if (options.read_only && !fs::exists(path, ignored)) {
    return fail(ErrorKind::not_found, path.string() + ": there is no store yet");
  }
  if (!options.read_only && path.has_parent_path()) SIGNALBOX_CHECK(make_directories(path.parent_path()));
  std::unique_ptr<SqliteDatabase> out(new SqliteDatabase(path, options));
  Status connected = out->connect(path.string(), vfs);
  if (!connected && options.read_only && out->may_be_immutable()) connected = out->connect_immutable(vfs);
  if (!connected) return fail(std::move(connected).error());
  return std::unique_ptr<Database>(std::move(out));
}

SqliteDatabase::SqliteDatabase(fs::path path, const OpenOptions& options)
    : path_(std::move(path)), options_(options), waiting_(std::make_unique<Waiting>()) {
  waiting_->limit = options.busy_timeout;
}

SqliteDatabase::~SqliteDatabase() {
  disconnect();
}

void SqliteDatabase::disconnect() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  statements_.clear();
  sqlite3_close_v2(db_);
  db_ = nullptr;
}

Status SqliteDatabase::connect(const std::string& name, const std::string& vfs) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  flags |= options_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(name.c_str(), &db_, flags, vfs.empty() ? nullptr : vfs.c_str()) != SQLITE_OK) {
    return fail(error("opening"));
  }
  sqlite3_busy_handler(db_, wait_while_busy, static_cast<Patience*>(waiting_.get()));
  sqlite3_wal_hook(db_, keep_wal_pages, &wal_pages_);
  SIGNALBOX_CHECK(configure());
  return check_owner();
}

// A store on a read-only medium has no -shm file and nobody can make one; without a write-ahead log the file
// alone is the whole truth.
bool SqliteDatabase::may_be_immutable() const {
  std::error_code error;
  const auto wal_bytes = fs::file_size(path_.string() + "-wal", error);
  return error || wal_bytes == 0;
}

Status SqliteDatabase::connect_immutable(const std::string& vfs) {
  disconnect();
  std::string name = "file:";
  for (const char c : path_.string()) {
    const bool plain = std::string_view("?#% ").find(c) == std::string_view::npos;
    name += plain ? std::string(1, c)
                  : fmt::format("%{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return connect(name + "?immutable=1", vfs);
}

Status SqliteDatabase::configure() {
  if (!options_.read_only) {
    SIGNALBOX_CHECK(run(fmt::format("PRAGMA page_size={}", kPageBytes)));
    // Changing the journal mode does not call the busy handler: others that open the new file at this moment
    // are waited for here.
    const auto deadline = SteadyClock::now() + options_.busy_timeout;
    while (sqlite3_exec(db_, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr) != SQLITE_OK) {
      const bool busy = (sqlite3_errcode(db_) & 0xff) == SQLITE_BUSY;
      if (!busy || SteadyClock::now() >= deadline) return fail(error("opening"));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  return run(
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;"
      "PRAGMA journal_size_limit=67108864");
}

Status SqliteDatabase::check_owner() {
  SIGNALBOX_TRY(const auto rows, query("select (select application_id from pragma_application_id), "
                                       "(select count(*) from sqlite_master)",
                                       {}));
  const bool is_ours = rows[0].integer(0) == kApplicationId;
  const bool is_empty = rows[0].integer(1) == 0;
  if (is_ours) return {};
  if (!is_empty || rows[0].integer(0) != 0) {
    return fail(sqlite_error(path_, "opening", SQLITE_NOTADB, 0, "another program's database"));
  }
  if (options_.read_only) return {};
  return run(fmt::format("PRAGMA application_id={}", kApplicationId));
}

Status SqliteDatabase::run(const std::string& script) {
  if (sqlite3_exec(db_, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail(error("setting up"));
  return {};
}

Error SqliteDatabase::error(std::string_view what) {
  return sqlite_error(path_, what, sqlite3_extended_errcode(db_), sqlite3_system_errno(db_),
                      sqlite3_errmsg(db_));
}

Result<SqliteDatabase::Use> SqliteDatabase::prepare(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end() && sqlite3_stmt_busy(found->second) == 0) return Use(found->second, true);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         &rest) != SQLITE_OK) {
    return fail(error(sql));
  }
  if (statement == nullptr) return fail(ErrorKind::internal, "empty SQL statement");
  if (found != statements_.end() || statements_.size() >= kMaxCachedStatements) return Use(statement, false);
  statements_.emplace(std::string(sql), statement);
  return Use(statement, true);
}

Status SqliteDatabase::bind(sqlite3_stmt* statement, const std::vector<Value>& parameters) {
  if (sqlite3_bind_parameter_count(statement) != static_cast<int>(parameters.size())) {
    return fail(ErrorKind::internal,
                fmt::format("{} parameters for: {}", parameters.size(), sqlite3_sql(statement)));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (std::visit(Binder{statement, static_cast<int>(i) + 1}, parameters[i]) != SQLITE_OK)
      return fail(error("binding"));
  }
  return {};
}

Status SqliteDatabase::for_each(std::string_view sql, const std::vector<Value>& parameters,
                                const std::function<bool(const Row&)>& visit) {
  SIGNALBOX_TRY(const Use use, prepare(sql));
  SIGNALBOX_CHECK(bind(use.get(), parameters));
  for (;;) {
    const int code = sqlite3_step(use.get());
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return fail(error(sql));
    if (!visit(row_of(use.get()))) return {};
  }
}

Result<std::vector<Row>> SqliteDatabase::query(std::string_view sql, const std::vector<Value>& parameters) {
  std::vector<Row> rows;
  SIGNALBOX_CHECK(for_each(sql, parameters, [&](const Row& row) {
    rows.push_back(row);
    return true;
  }));
  return rows;
}

Result<std::int64_t> SqliteDatabase::execute(std::string_view sql, const std::vector<Value>& parameters) {
  const std::int64_t before = sqlite3_total_changes64(db_);
  SIGNALBOX_CHECK(for_each(sql, parameters, [](const Row&) { return true; }));
  if (!in_transaction_) limit_wal();
  return sqlite3_total_changes64(db_) - before;
}

Status SqliteDatabase::insert_many(std::string_view table, const std::vector<std::string>& columns,
                                   const std::vector<std::vector<Value>>& rows) {
  if (rows.empty()) return {};
  const auto work = [&]() -> Status {
    const std::string sql = fmt::format("insert into {} ({}) values ({})", table, fmt::join(columns, ", "),
                                        placeholders(columns.size()));
    SIGNALBOX_TRY(const Use use, prepare(sql));
    for (const std::vector<Value>& row : rows) {
      SIGNALBOX_CHECK(bind(use.get(), row));
      if (sqlite3_step(use.get()) != SQLITE_DONE) return fail(error(sql));
      sqlite3_reset(use.get());
    }
    return {};
  };
  return in_transaction_ ? work() : transaction(Access::write, work);
}

Status SqliteDatabase::transaction(Access access, const std::function<Status()>& work) {
  if (in_transaction_) return fail(ErrorKind::internal, "a transaction inside a transaction");
  SIGNALBOX_CHECK(execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN", {}));
  in_transaction_ = true;
  Status status = work();
  if (status) {
    if (auto committed = execute("COMMIT", {}); !committed) status = fail(std::move(committed).error());
  }
  // SQLite has already rolled back by itself after some errors (full disk): autocommit tells.
  if (!status && sqlite3_get_autocommit(db_) == 0) static_cast<void>(execute("ROLLBACK", {}));
  in_transaction_ = false;
  if (status && access == Access::write) limit_wal();
  return status;
}

// The log of writes not yet copied into the file stays bounded: above kRestartPages the next commit starts it
// from its beginning. A checkpoint that cannot run leaves everything as it is, so its result is not looked
// at.
void SqliteDatabase::limit_wal() {
  if (wal_pages_ < kCheckpointPages || options_.read_only) return;
  const bool restart = wal_pages_ >= kRestartPages;
  waiting_->limit = std::min(kRestartPatience, options_.busy_timeout);
  sqlite3_wal_checkpoint_v2(db_, nullptr, restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                            nullptr, nullptr);
  waiting_->limit = options_.busy_timeout;
}

}  // namespace signalbox::store
