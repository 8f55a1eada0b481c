// The PostgreSQL half of the store, over libpq with binary parameters and results.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

struct pg_conn;
struct pg_result;

namespace signalbox::store {

struct Libpq;
struct LookOptions;

// A connection to one PostgreSQL database. A connection that broke is made anew at the next transaction or
// read; what was under way is an error, and nothing of it is repeated that may have been written.
class PostgresDatabase final : public Database {
 public:
  // `url`: a connection URI of libpq, "postgresql://user@host:port/name?…". Errors: bad_input for a URI that
  // is none, unavailable for a server that is not reached or older than 12 and for a missing libpq, denied
  // for wrong credentials, not_found for a database that does not exist.
  static Result<std::unique_ptr<Database>> open(std::string_view url, const OpenOptions& options);
  // The same of a database that is no store: see open_looked_at.
  static Result<std::unique_ptr<Database>> open(std::string_view conninfo, const LookOptions& options);
  ~PostgresDatabase() override;
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  Engine engine() const override { return Engine::postgresql; }
  Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& parameters) override;
  Result<std::vector<Row>> query(std::string_view sql, const std::vector<Value>& parameters) override;
  Status for_each(std::string_view sql, const std::vector<Value>& parameters,
                  const std::function<bool(const Row&)>& visit) override;
  // Inside a transaction the rows are sent without waiting for the answer: an error of theirs is that of the
  // next call, or of the commit.
  Status insert_many(std::string_view table, const std::vector<std::string>& columns,
                     const std::vector<std::vector<Value>>& rows) override;
  Status transaction(Access access, const std::function<Status()>& work) override;

 private:
  struct Parameters;   // of one statement, as the protocol carries them
  struct ClearResult;  // frees a pg_result
  using Answer = std::unique_ptr<pg_result, ClearResult>;

  PostgresDatabase(const Libpq& library, std::string url, const OpenOptions& options);
  Status read_url();
  Status connect();
  Status wait_for_connection();
  Status set_session();
  Status reconnect_if_lost();
  bool is_lost() const;
  void disconnect();

  Answer own(pg_result* result) const;
  Status judge(const Answer& answer);
  Error error_of(const Answer& answer);
  Error lock_error();
  Status run(const std::string& sql);  // without parameters and rows
  Result<std::string> prepare(std::string_view sql, const Parameters& parameters);
  Status send(std::string_view sql, const Parameters& parameters);
  Status receive(const std::function<void(const Answer&)>& take);
  Status settle();
  Status insert_chunk(std::string_view table, const std::vector<std::string>& columns,
                      const std::vector<std::vector<Value>>& rows, std::size_t first, std::size_t count);
  Status begin(Access access);
  Status commit();
  void roll_back();
  std::string text_of(std::string_view sql) const;

  const Libpq& pq_;
  std::string url_;
  std::string name_;  // for people: without password
  std::chrono::milliseconds connect_timeout_{10'000};
  OpenOptions options_;
  std::string_view option_ = "--store";  // that the address was given with
  std::chrono::milliseconds statement_timeout_{0};
  std::string_view mark_;       // a comment behind what a session is set up with
  bool is_as_written_ = false;  // see LookOptions::Sql
  pg_conn* connection_ = nullptr;
  std::map<std::string, std::string, std::less<>> prepared_;  // text and types → name on the server
  bool in_transaction_ = false;
  int unsettled_ = 0;  // statements in the pipeline whose answer was not read
};

}  // namespace signalbox::store
