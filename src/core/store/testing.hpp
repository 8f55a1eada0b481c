// Stores for tests: an SQLite file, or a database of a PostgreSQL server that the test starts. Used by tests
// and benches alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/store/database.hpp"

namespace signalbox::store::testing {

// A PostgreSQL 15 server in a folder of its own, which listens on a Unix socket there and ends with this
// process. As root it runs as the user postgres, because it refuses root.
class PostgresServer {
 public:
  enum class Sync { on, off };  // of the disk: off for tests that a power cut has no part in
  // `settings`: "name=value" each, beside those of its own. unavailable where PostgreSQL's programs are not
  // installed.
  static Result<std::unique_ptr<PostgresServer>> start(Sync sync, std::vector<std::string> settings = {});
  // The one of this process, made at the first call; null where PostgreSQL is not installed.
  static PostgresServer* shared();
  ~PostgresServer();

  std::string url(const std::string& database, const std::string& user = "postgres") const;
  Result<std::string> create_database();                                  // the URL of a new one
  std::filesystem::path data() const { return folder_.path() / "data"; }  // its folder of files
  Status restart();
  int pid() const { return process_->pid(); }
  Status require_passwords();  // of every user but postgres; restarts it

 private:
  PostgresServer(Sync sync, std::vector<std::string> settings)
      : sync_(sync), settings_(std::move(settings)) {}
  std::vector<std::string> as_server_user(std::vector<std::string> command) const;
  Status initialize();
  Status launch();
  void end();

  TemporaryDirectory folder_;
  Sync sync_;
  std::vector<std::string> settings_;
  std::unique_ptr<Process> process_;
  int databases_ = 0;
};

// An empty store of one engine for one test.
class ScratchStore {
 public:
  explicit ScratchStore(Engine engine);
  bool is_available() const { return !url_.empty(); }
  const std::string& url() const { return url_; }
  std::unique_ptr<Database> open(const OpenOptions& options = {}) const;  // aborts where it fails

 private:
  TemporaryDirectory folder_;
  std::string url_;
};

std::string name_of(Engine engine);  // "Sqlite", "Postgresql": for the names of tests

}  // namespace signalbox::store::testing
