// Who changed what: one row for each request that is no reading, and for each change of a token.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/http/route.hpp"
#include "core/store/database.hpp"

namespace signalbox::serve {

// The table serve_audit. Version 2 of owner "serve".
store::Migration audit_migration();

struct AuditRow {
  std::int64_t index = 0;  // from 1, in the order of writing
  Time time;
  std::string principal;  // name of the token, "local", "user@host" for the command line; empty: nobody
  std::string method;     // "POST"; "COMMAND" for the command line
  std::string path;       // without its query, which may hold secrets
  int status = 0;
  std::string request;  // the id that the answer named
};

// One durable row; index is given by the store.
Status write_audit(store::Database& database, const AuditRow& row);
// Newest first, below `before` where that is positive.
Result<std::vector<AuditRow>> read_audit(store::Database& database, std::int64_t before, std::size_t limit);

// The server's: thread-safe.
class AuditTrail {
 public:
  using OpenDatabase = std::function<Result<store::Database*>()>;
  AuditTrail(const Clock& clock, OpenDatabase database) : clock_(clock), database_(std::move(database)) {}

  // Called with each answer before it is sent, so that what was acknowledged is in the trail. Requests of
  // nobody are kept at 10 a second at most: whoever may do nothing may not fill the disk either.
  void on_answer(const http::Request& request, const http::Response& response);
  // Somebody signed in, by the one-time link ("local") or with a token.
  void on_sign_in(const http::Request& request, const std::string& name);
  std::uint64_t failures() const { return failures_; }  // rows that could not be written
  http::Route route() const;                            // GET /api/v1/audit, for admins

 private:
  bool may_keep_nobody();
  void write(AuditRow row);

  const Clock& clock_;
  OpenDatabase database_;
  std::atomic<std::uint64_t> failures_ = 0;
  std::mutex mutex_;
  std::int64_t second_ = 0;  // Unix time of the rows counted in `kept_`
  int kept_ = 0;
};

}  // namespace signalbox::serve
