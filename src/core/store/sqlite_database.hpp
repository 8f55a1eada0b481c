// The SQLite half of the store: one file in WAL mode, synchronous=FULL, so that what was committed survives a
// power cut.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "core/store/database.hpp"

namespace signalbox::store {

// A connection to one SQLite file.
class SqliteDatabase final : public Database {
 public:
  // `vfs` names a registered sqlite3_vfs, for tests of power loss and full disks; empty: the system's.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path, const OpenOptions& options,
                                                const std::string& vfs = {});
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  Engine engine() const override { return Engine::sqlite; }
  Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& parameters) override;
  Result<std::vector<Row>> query(std::string_view sql, const std::vector<Value>& parameters) override;
  Status for_each(std::string_view sql, const std::vector<Value>& parameters,
                  const std::function<bool(const Row&)>& visit) override;
  Status insert_many(std::string_view table, const std::vector<std::string>& columns,
                     const std::vector<std::vector<Value>>& rows) override;
  Status transaction(Access access, const std::function<Status()>& work) override;

 private:
  class Use;       // a statement of the cache while it is in use; reset when it goes out of scope
  struct Waiting;  // how long a lock is waited for

  SqliteDatabase(std::filesystem::path path, const OpenOptions& options);
  Status connect(const std::string& name, const std::string& vfs);
  Status connect_immutable(const std::string& vfs);
  bool may_be_immutable() const;
  void disconnect();
  Status configure();
  Status check_owner();
  Status run(const std::string& script);
  Result<Use> prepare(std::string_view sql);
  Status bind(sqlite3_stmt* statement, const std::vector<Value>& parameters);
  Error error(std::string_view what);
  void limit_wal();

  std::filesystem::path path_;
  OpenOptions options_;
  std::unique_ptr<Waiting> waiting_;
  sqlite3* db_ = nullptr;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
  int wal_pages_ = 0;  // in the write-ahead log after the last commit of this connection
  bool in_transaction_ = false;
};

// Who holds the writer's lock of the SQLite file `path`, for people: "HOST, pid 12 (signalbox-serve), running
// since …". Empty where the kernel does not say. Source: /proc/locks; byte 120 of the -shm file is SQLite's
// WAL_WRITE_LOCK (sqlite.org/walformat.html).
std::string writer_of(const std::filesystem::path& path);

}  // namespace signalbox::store
