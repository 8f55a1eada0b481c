#include "instruments/queries/server/testing.hpp"

#include <cstdio>
#include <cstdlib>

#include "core/store/looked_at.hpp"

namespace signalbox::queries::testing {
namespace {

constexpr store::LookOptions kWorking{
    "the test", store::LookOptions::Access::read_write, std::chrono::seconds(30), {}};

template <class T>
T must(Result<T> result, std::string_view what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               result.error().message.c_str());
  std::abort();
}

}  // namespace

std::unique_ptr<store::testing::PostgresServer> start_counting_server(std::vector<std::string> more) {
  using store::testing::PostgresServer;
  std::vector<std::string> settings{"shared_preload_libraries=pg_stat_statements,auto_explain",
                                    "pg_stat_statements.max=10000", "track_io_timing=on"};
  settings.insert(settings.end(), more.begin(), more.end());
  auto server = PostgresServer::start(PostgresServer::Sync::off, std::move(settings));
  if (!server) {
    std::fprintf(stderr, "no PostgreSQL: %s\n", server.error().message.c_str());
    if (server.error().message.find("is not installed") == std::string::npos) std::abort();
    return nullptr;
  }
  Client((*server)->url("postgres")).run("create extension if not exists pg_stat_statements");
  return std::move(*server);
}

Client::Client(const std::string& url) : database_(must(store::open_looked_at(url, kWorking), url)) {}

void Client::run(std::string_view sql) {
  must(database_->execute(sql), sql);
}

std::vector<store::Row> Client::rows(std::string_view sql) {
  return must(database_->query(sql), sql);
}

std::int64_t Client::number(std::string_view sql) {
  return rows(sql).at(0).integer(0);
}

ServerLink link_to(const std::string& url) {
  return must(ServerLink::open(url), url);
}

}  // namespace signalbox::queries::testing
