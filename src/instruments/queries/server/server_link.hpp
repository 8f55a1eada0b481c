// A connection to the PostgreSQL server that is looked at. It reads; nothing of the server is changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::queries {

// Who a server is. Two addresses of one server have the same system identifier and port.
struct ServerIdentity {
  std::string system_identifier;  // of its files; empty where it is not told to this user
  std::string address;            // "10.0.0.5:5432"; "localhost:5432" through a socket
  std::string database;           // that this connection is to
  std::string user;
  int version = 0;  // 150018
  Time started{};
  int cores = 0;  // that it may run on, where it is on this machine; 0: not known
};

// Of its address alone: it may be in another container.
bool is_of_this_machine(const ServerIdentity& server);

// Ends each text that is sent, so that what looking costs is told apart from what others ask. The server
// keeps it with the statement.
inline constexpr std::string_view kOwnMark = "/* signalbox */";

// One thread at a time. A connection that broke is made anew with the next question.
class ServerLink {
 public:
  // `dsn`: a URI or key=value words of libpq; empty: PG* of the environment. Errors: bad_input for an address
  // that is none, denied and unavailable as libpq says, unavailable for servers older than 13.
  static Result<ServerLink> open(std::string_view dsn);

  const ServerIdentity& identity() const { return identity_; }
  // Where pg_stat_statements is in this database, quoted, with a dot: "public."; empty where it is not made.
  const std::string& statements_schema() const { return statements_schema_; }
  Status find_statements_schema();  // looks again

  // SQL with ? for parameters; see store::Database. A statement that takes over five seconds is given up.
  Result<std::vector<store::Row>> query(std::string_view sql,
                                        const std::vector<store::Value>& parameters = {});
  Status for_each(std::string_view sql, const std::function<bool(const store::Row&)>& visit);

 private:
  explicit ServerLink(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}
  Status identify();

  std::unique_ptr<store::Database> database_;
  ServerIdentity identity_;
  std::string statements_schema_;
};

// What `read` makes of each row.
template <typename Read>
auto read_list(ServerLink& link, std::string_view sql, Read read)
    -> Result<std::vector<std::invoke_result_t<Read, const store::Row&>>> {
  SIGNALBOX_TRY(const auto rows, link.query(sql));
  std::vector<std::invoke_result_t<Read, const store::Row&>> out;
  for (const store::Row& row : rows) out.push_back(read(row));
  return out;
}

// A list in one column, for a row has no arrays: string_agg(…, chr(31)).
inline constexpr char kListSeparator = '\x1f';
std::vector<std::string> list_in(std::string_view text);

// "name", with the quotes that it needs inside.
std::string quoted_name(std::string_view name);

}  // namespace signalbox::queries
