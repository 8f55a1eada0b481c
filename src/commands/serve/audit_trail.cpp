#include "commands/serve/audit_trail.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::serve {
namespace {

constexpr std::size_t kMaxPathBytes = 1'024;
constexpr int kRowsOfNobodyASecond = 10;
constexpr std::size_t kMaxListed = 500;
constexpr long long kDefaultListed = 100;

constexpr int kSeeOther = 303;

AuditRow row_of(const http::Request& request, int status) {
  AuditRow row;
  row.method = http::name_of(request.method);
  row.path = escape_invalid_utf8(request.path.substr(0, kMaxPathBytes));
  row.status = status;
  row.request = request.id;
  return row;
}

bool is_reading(http::Method method) {
  return method == http::Method::get || method == http::Method::head || method == http::Method::options;
}

Json json_of(const AuditRow& row) {
  return Json::object({{"index", row.index},
                       {"time", to_rfc3339(row.time)},
                       {"principal", row.principal},
                       {"method", row.method},
                       {"path", row.path},
                       {"status", row.status},
                       {"request", row.request}});
}

Result<long long> number_of(const http::Request& request, std::string_view name, long long fallback) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return fallback;
  const auto value = parse_integer(found->second);
  if (!value || *value < 1) return fail(ErrorKind::bad_input, fmt::format("{}: not a positive number", name));
  return *value;
}

}  // namespace

store::Migration audit_migration() {
  return {"serve", 2, "audit trail",
          "create table serve_audit (i INTEGER primary key, t INTEGER not null, principal TEXT not null, "
          "method TEXT not null, path TEXT not null, status INTEGER not null, request TEXT not null);"};
}

Status write_audit(store::Database& database, const AuditRow& row) {
  return database.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const std::vector<store::Row> last,
                  database.query("select coalesce(max(i), 0) from serve_audit"));
    SIGNALBOX_CHECK(
        database.execute("insert into serve_audit (i, t, principal, method, path, status, request) values "
                         "(?, ?, ?, ?, ?, ?, ?)",
                         {last.front().integer(0) + 1, std::int64_t{row.time.time_since_epoch().count()},
                          row.principal, row.method, row.path, std::int64_t{row.status}, row.request}));
    return {};
  });
}

Result<std::vector<AuditRow>> read_audit(store::Database& database, std::int64_t before, std::size_t limit) {
  constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database.query("select i, t, principal, method, path, status, request from serve_audit "
                               "where i < ? order by i desc limit ?",
                               {before > 0 ? before : kNoBound, static_cast<std::int64_t>(limit)}));
  std::vector<AuditRow> out;
  for (const store::Row& row : rows) {
    out.push_back({row.integer(0), Time(Duration(row.integer(1))), row.text(2), row.text(3), row.text(4),
                   static_cast<int>(row.integer(5)), row.text(6)});
  }
  return out;
}

bool AuditTrail::may_keep_nobody() {
  const std::int64_t second = clock_.now().time_since_epoch().count() / 1000;
  const std::lock_guard lock(mutex_);
  if (second != second_) kept_ = 0;
  second_ = second;
  return ++kept_ <= kRowsOfNobodyASecond;
}

void AuditTrail::on_answer(const http::Request& request, const http::Response& response) {
  if (is_reading(request.method)) return;
  const bool signed_in = request.path == "/open" && response.status == kSeeOther;  // on_sign_in was told
  if (signed_in || (request.principal.name.empty() && !may_keep_nobody())) return;
  AuditRow row = row_of(request, response.status);
  row.principal = request.principal.name;
  write(std::move(row));
}

void AuditTrail::on_sign_in(const http::Request& request, const std::string& name) {
  AuditRow row = row_of(request, kSeeOther);
  row.principal = name;
  write(std::move(row));
}

void AuditTrail::write(AuditRow row) {
  row.time = clock_.now();
  const auto database = database_();
  const Status written = database ? write_audit(**database, row) : Status(fail(database.error()));
  if (written) return;
  ++failures_;
  std::fputs(fmt::format("audit trail: {} {} by {} is not in it: {}\n", row.method, printable(row.path),
                         row.principal, printable(written.error().message))
                 .c_str(),
             stderr);
}

http::Route AuditTrail::route() const {
  http::Route out;
  out.path = "/api/v1/audit";
  out.summary = "The audit trail, newest first";
  out.role = http::Role::admin;
  out.parameters = {{"limit", http::Parameter::In::query, "at most 500", false, "integer"},
                    {"before", http::Parameter::In::query, "rows below this index", false, "integer"}};
  out.handle = [this](const http::Request& request) -> Result<http::Response> {
    SIGNALBOX_TRY(const long long limit, number_of(request, "limit", kDefaultListed));
    SIGNALBOX_TRY(const long long before, number_of(request, "before", 0));
    SIGNALBOX_TRY(store::Database* const database, database_());
    SIGNALBOX_TRY(
        const std::vector<AuditRow> rows,
        read_audit(*database, before, std::min<std::size_t>(static_cast<std::size_t>(limit), kMaxListed)));
    Json entries = Json::array();
    for (const AuditRow& row : rows) entries.push_back(json_of(row));
    return http::Response::json(Json::object({{"entries", std::move(entries)}}));
  };
  return out;
}

}  // namespace signalbox::serve
