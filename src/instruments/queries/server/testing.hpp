// A PostgreSQL server that counts its statements, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/testing.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries::testing {

// With pg_stat_statements and auto_explain loaded, the first made in the database postgres, and `more`
// settings. Null where PostgreSQL is not installed, which the test says; aborts where it does not start.
std::unique_ptr<store::testing::PostgresServer> start_counting_server(std::vector<std::string> more = {});

// A second connection that works, beside the link that looks on. Aborts where a statement fails.
class Client {
 public:
  explicit Client(const std::string& url);
  void run(std::string_view sql);
  std::vector<store::Row> rows(std::string_view sql);
  std::int64_t number(std::string_view sql);

 private:
  std::unique_ptr<store::Database> database_;
};

ServerLink link_to(const std::string& url);  // aborts where it fails

}  // namespace signalbox::queries::testing
