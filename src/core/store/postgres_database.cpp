#include "core/store/postgres_database.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "core/store/libpq.hpp"
#include "core/store/looked_at.hpp"
#include "core/store/postgres_error.hpp"
#include "core/store/postgres_values.hpp"
#include "core/store/sql_text.hpp"

namespace signalbox::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxPrepared = 128;
constexpr int kMaxUnsettled = 32;
constexpr std::size_t kMaxRowsPerInsert = 4096;
constexpr std::size_t kMaxBytesPerInsert = std::size_t{64} << 20;
constexpr int kMinServerVersion = 120'000;
// The writer's lock: one number for all of Signalbox, one for the schema its tables are in.
constexpr int kLockClass = 0x53474258;  // "SGBX"
constexpr std::string_view kLockObject = "hashtext(current_schema()::text)";

// "signalbox HOST PID": what the server tells others about who holds the lock.
std::string application_name() {
  char host[64] = {};
  ::gethostname(host, sizeof host - 1);
  return fmt::format("signalbox {} {}", std::string_view(host).substr(0, 40), ::getpid());
}

// For people: who `application_name` was given by, with the server's own process as a second best.
std::string holder_text(const Row& row) {
  const std::vector<std::string_view> words = split(row.text(0), ' ');
  const bool ours = words.size() == 3 && words[0] == "signalbox";
  std::string out = ours ? fmt::format("{}, pid {}", words[1], words[2])
                         : fmt::format("{}, the server's pid {}", printable(row.text(0)), row.integer(1));
  if (!row.is_null(2)) out += ", since " + row.text(2);
  return out;
}

bool is_cacheable(std::string_view sql) {
  constexpr std::string_view kVerbs[] = {"select", "insert", "update", "delete", "with"};
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](std::string_view verb) { return starts_with_ignoring_case(trim(sql), verb); });
}

std::size_t bytes_of(const std::vector<Value>& row) {
  std::size_t out = 0;
  for (const Value& value : row) {
    if (const auto* text = std::get_if<std::string>(&value)) out += text->size();
    if (const auto* blob = std::get_if<Blob>(&value)) out += blob->octets.size();
  }
  return out;
}

void ignore_notice(void*, const char*) {}

}  // namespace

struct PostgresDatabase::Parameters {
  std::vector<std::string> octets;
  std::vector<Oid> types;
  std::vector<bool> nulls;

  Parameters() = default;
  explicit Parameters(const std::vector<Value>& values) {
    for (const Value& value : values) add(type_of(value), encode(value));
  }
  void add(PgType type, std::string value) {
    octets.push_back(std::move(value));
    types.push_back(static_cast<Oid>(type));
    nulls.push_back(type == PgType::unknown);
  }
  int count() const { return static_cast<int>(octets.size()); }
  std::vector<const char*> pointers() const {
    std::vector<const char*> out;
    for (std::size_t i = 0; i < octets.size(); ++i) out.push_back(nulls[i] ? nullptr : octets[i].data());
    return out;
  }
  std::vector<int> lengths() const {
    std::vector<int> out;
    for (const std::string& value : octets) out.push_back(static_cast<int>(value.size()));
    return out;
  }
  std::vector<int> formats() const { return std::vector<int>(octets.size(), 1); }
};

struct PostgresDatabase::ClearResult {
  const Libpq* pq = nullptr;
  void operator()(pg_result* result) const { pq->PQclear(result); }
};

Result<std::unique_ptr<Database>> PostgresDatabase::open(std::string_view url, const OpenOptions& options) {
  SIGNALBOX_TRY(const Libpq* const library, libpq());
  std::unique_ptr<PostgresDatabase> out(new PostgresDatabase(*library, std::string(url), options));
  SIGNALBOX_CHECK(out->read_url());
  SIGNALBOX_CHECK(out->connect());
  return std::unique_ptr<Database>(std::move(out));
}

Result<std::unique_ptr<Database>> PostgresDatabase::open(std::string_view conninfo,
                                                         const LookOptions& options) {
  SIGNALBOX_TRY(const Libpq* const library, libpq());
  OpenOptions common;
  common.read_only = options.access == LookOptions::Access::read_only;
  common.busy_timeout = options.lock_timeout;
  std::unique_ptr<PostgresDatabase> out(new PostgresDatabase(*library, std::string(conninfo), common));
  out->option_ = options.option;
  out->statement_timeout_ = options.statement_timeout;
  out->mark_ = options.mark;
  out->is_as_written_ = options.sql == LookOptions::Sql::as_written;
  SIGNALBOX_CHECK(out->read_url());
  SIGNALBOX_CHECK(out->connect());
  return std::unique_ptr<Database>(std::move(out));
}

Result<std::unique_ptr<Database>> open_looked_at(std::string_view conninfo, const LookOptions& options) {
  return PostgresDatabase::open(conninfo, options);
}

PostgresDatabase::PostgresDatabase(const Libpq& library, std::string url, const OpenOptions& options)
    : pq_(library), url_(std::move(url)), options_(options) {}

PostgresDatabase::~PostgresDatabase() {
  disconnect();
}

// The URI is checked before the server is asked, and its parts name the store in messages. libpq's own words
// are kept only where they cannot repeat a password.
Status PostgresDatabase::read_url() {
  char* message = nullptr;
  PQconninfoOption* const options = pq_.PQconninfoParse(url_.c_str(), &message);
  if (options == nullptr) {
    std::string why = message == nullptr ? std::string() : std::string(trim(message));
    pq_.PQfreemem(message);
    if (why.empty() || why.find("//") != std::string::npos) why = "not a PostgreSQL connection URI";
    return fail(ErrorKind::bad_input, fmt::format("{}: {}", option_, printable(why)),
                "write it as postgresql://USER@HOST:PORT/DATABASE");
  }
  std::map<std::string_view, std::string> given;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') given[option->keyword] = option->val;
  }
  name_ = "PostgreSQL";
  if (given.contains("dbname")) name_ += " database " + given["dbname"];
  if (given.contains("host")) name_ += " at " + given["host"];
  if (given.contains("port")) name_ += ":" + given["port"];
  const auto seconds = parse_integer(given["connect_timeout"]);
  if (seconds && *seconds > 0)
    connect_timeout_ = std::chrono::seconds(std::min<std::int64_t>(*seconds, 3600));
  pq_.PQconninfoFree(options);
  return {};
}

Status PostgresDatabase::connect() {
  disconnect();
  const std::string application = application_name();
  // What stands before dbname is a default that the URI overrides.
  const char* const keywords[] = {"fallback_application_name", "keepalives_idle",
                                  "tcp_user_timeout",          "dbname",
                                  "client_encoding",           nullptr};
  const char* const values[] = {application.c_str(), "30", "30000", url_.c_str(), "UTF8", nullptr};
  connection_ = pq_.PQconnectStartParams(keywords, values, 1);
  if (connection_ == nullptr) return fail(ErrorKind::unavailable, "out of memory");
  pq_.PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);  // with the code, which depends on no language
  pq_.PQsetNoticeProcessor(connection_, ignore_notice, nullptr);
  Status connected = wait_for_connection();
  if (connected) connected = set_session();
  if (!connected) disconnect();
  return connected;
}

Status PostgresDatabase::wait_for_connection() {
  const auto deadline = SteadyClock::now() + connect_timeout_;
  auto state = PGRES_POLLING_WRITING;
  if (pq_.PQstatus(connection_) == CONNECTION_BAD) state = PGRES_POLLING_FAILED;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) {
      return fail(postgres_error(name_, {}, fmt::format("no answer within {} ms", connect_timeout_.count())));
    }
    const short wanted = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd ready{pq_.PQsocket(connection_), wanted, 0};
    if (::poll(&ready, 1, static_cast<int>(left.count())) > 0) state = pq_.PQconnectPoll(connection_);
  }
  if (state == PGRES_POLLING_OK) return {};
  return fail(postgres_connection_error(name_, pq_.PQerrorMessage(connection_),
                                        pq_.PQconnectionNeedsPassword(connection_) != 0));
}

Status PostgresDatabase::set_session() {
  if (const int version = pq_.PQserverVersion(connection_); version < kMinServerVersion) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}: the server is PostgreSQL {}", name_, version / 10'000),
                "use PostgreSQL 12 or newer");
  }
  const auto lock_timeout_ms = std::max<std::int64_t>(1, options_.busy_timeout.count());
  std::vector<std::string> settings = {
      "set client_min_messages = warning", fmt::format("set lock_timeout = {}", lock_timeout_ms),
      "set time zone 'UTC'",
      fmt::format("set default_transaction_read_only = {}", options_.read_only ? "on" : "off"),
      // An acknowledged commit must be on the disk; a stricter setting of the server stays.
      "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = "
      "'off'"};
  if (statement_timeout_.count() != 0)
    settings.push_back(fmt::format("set statement_timeout = {}", statement_timeout_.count()));
  std::string all;
  for (const std::string& each : settings) all += fmt::format("{} {};", each, mark_);
  return run(all);
}

void PostgresDatabase::disconnect() {
  if (connection_ != nullptr) pq_.PQfinish(connection_);
  connection_ = nullptr;
  prepared_.clear();
  unsettled_ = 0;
}

bool PostgresDatabase::is_lost() const {
  return connection_ == nullptr || pq_.PQstatus(connection_) == CONNECTION_BAD;
}

Status PostgresDatabase::reconnect_if_lost() {
  if (in_transaction_ || !is_lost()) return {};
  return connect();
}

PostgresDatabase::Answer PostgresDatabase::own(pg_result* result) const {
  return Answer(result, ClearResult{&pq_});
}

Error PostgresDatabase::error_of(const Answer& answer) {
  const auto field = [&](int code) -> std::string_view {
    const char* const text = answer ? pq_.PQresultErrorField(answer.get(), code) : nullptr;
    return text == nullptr ? std::string_view() : std::string_view(text);
  };
  const std::string_view message = field(PG_DIAG_MESSAGE_PRIMARY);
  if (!message.empty()) return postgres_error(name_, field(PG_DIAG_SQLSTATE), message);
  if (is_lost()) return postgres_error(name_, {}, "the connection to the server broke");
  return {ErrorKind::internal, fmt::format("{}: {}", name_, trim(pq_.PQerrorMessage(connection_))), {}};
}

Status PostgresDatabase::judge(const Answer& answer) {
  switch (answer ? pq_.PQresultStatus(answer.get()) : PGRES_FATAL_ERROR) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
      return {};
    default:
      return fail(error_of(answer));
  }
}

Status PostgresDatabase::run(const std::string& sql) {
  return judge(own(pq_.PQexec(connection_, sql.c_str())));
}

std::string PostgresDatabase::text_of(std::string_view sql) const {
  return is_as_written_ ? std::string(sql) : to_postgresql(sql);
}

// The name of a prepared statement; empty where it is to be sent as it is.
Result<std::string> PostgresDatabase::prepare(std::string_view sql, const Parameters& parameters) {
  std::string key(sql);
  for (const Oid type : parameters.types) key += fmt::format(" {}", type);
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  if (prepared_.size() >= kMaxPrepared || !is_cacheable(sql)) return std::string();
  SIGNALBOX_CHECK(settle());
  std::string name = fmt::format("s{}", prepared_.size());
  SIGNALBOX_CHECK(judge(own(pq_.PQprepare(connection_, name.c_str(), text_of(sql).c_str(), parameters.count(),
                                          parameters.types.data()))));
  prepared_.emplace(std::move(key), name);
  return name;
}

Status PostgresDatabase::send(std::string_view sql, const Parameters& parameters) {
  SIGNALBOX_TRY(const std::string name, prepare(sql, parameters));
  const auto pointers = parameters.pointers();
  const auto lengths = parameters.lengths();
  const auto formats = parameters.formats();
  constexpr int kBinary = 1;
  const int sent = name.empty()
                       ? pq_.PQsendQueryParams(connection_, text_of(sql).c_str(), parameters.count(),
                                               parameters.types.data(), pointers.data(), lengths.data(),
                                               formats.data(), kBinary)
                       : pq_.PQsendQueryPrepared(connection_, name.c_str(), parameters.count(),
                                                 pointers.data(), lengths.data(), formats.data(), kBinary);
  if (sent == 0) return fail(error_of(nullptr));
  return {};
}

// Every answer to what was sent; the first error counts.
Status PostgresDatabase::receive(const std::function<void(const Answer&)>& take) {
  Status status;
  while (const Answer answer = own(pq_.PQgetResult(connection_))) {
    if (const Status good = judge(answer); !good && status) status = good;
    if (status && take) take(answer);
  }
  if (status && is_lost()) status = fail(error_of(nullptr));
  return status;
}

// Ends the pipeline, if there is one: every statement in it is answered. The first error counts.
Status PostgresDatabase::settle() {
  if (unsettled_ == 0) return {};
  Status status;
  int ends_of_statements = 0;
  bool synced = pq_.PQpipelineSync(connection_) == 0;
  while (!synced && ends_of_statements <= unsettled_) {
    const Answer answer = own(pq_.PQgetResult(connection_));
    if (!answer) {
      ++ends_of_statements;
      continue;
    }
    if (const Status good = judge(answer); !good && status) status = good;
    synced = pq_.PQresultStatus(answer.get()) == PGRES_PIPELINE_SYNC;
  }
  unsettled_ = 0;
  pq_.PQexitPipelineMode(connection_);
  if (status && is_lost()) status = fail(error_of(nullptr));
  return status;
}

Status PostgresDatabase::for_each(std::string_view sql, const std::vector<Value>& parameters,
                                  const std::function<bool(const Row&)>& visit) {
  SIGNALBOX_CHECK(settle());
  bool wanted = true;
  bool visited = false;
  Status decoded;
  const auto visit_rows = [&](const Answer& answer) {
    for (int i = 0; i < pq_.PQntuples(answer.get()) && wanted && decoded; ++i) {
      std::vector<Value> values;
      for (int column = 0; column < pq_.PQnfields(answer.get()); ++column) {
        values.emplace_back();
        if (pq_.PQgetisnull(answer.get(), i, column) != 0) continue;
        auto value = decode(static_cast<PgType>(pq_.PQftype(answer.get(), column)),
                            {pq_.PQgetvalue(answer.get(), i, column),
                             static_cast<std::size_t>(pq_.PQgetlength(answer.get(), i, column))});
        if (value) values.back() = std::move(*value);
        if (!value) decoded = fail_in(name_, std::move(value).error());
      }
      visited = true;
      wanted = visit(Row(std::move(values)));
    }
  };
  const auto once = [&]() -> Status {
    SIGNALBOX_CHECK(reconnect_if_lost());
    SIGNALBOX_CHECK(send(sql, Parameters(parameters)));
    pq_.PQsetSingleRowMode(connection_);
    return receive(visit_rows);  // what follows after `visit` said stop is read and dropped
  };
  Status status = once();
  if (!status && is_lost() && !in_transaction_ && !visited) status = once();
  if (status) status = decoded;
  return status;
}

Result<std::vector<Row>> PostgresDatabase::query(std::string_view sql, const std::vector<Value>& parameters) {
  std::vector<Row> rows;
  SIGNALBOX_CHECK(for_each(sql, parameters, [&](const Row& row) {
    rows.push_back(row);
    return true;
  }));
  return rows;
}

Result<std::int64_t> PostgresDatabase::execute(std::string_view sql, const std::vector<Value>& parameters) {
  SIGNALBOX_CHECK(settle());
  SIGNALBOX_CHECK(reconnect_if_lost());
  SIGNALBOX_CHECK(send(sql, Parameters(parameters)));
  std::int64_t changed = 0;
  SIGNALBOX_CHECK(receive(
      [&](const Answer& answer) { changed += parse_integer(pq_.PQcmdTuples(answer.get())).value_or(0); }));
  return changed;
}

Status PostgresDatabase::insert_many(std::string_view table, const std::vector<std::string>& columns,
                                     const std::vector<std::vector<Value>>& rows) {
  if (rows.empty()) return {};
  if (!in_transaction_) return transaction(Access::write, [&] { return insert_many(table, columns, rows); });
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    do {
      bytes += bytes_of(rows[first + count]);
      ++count;
    } while (first + count < rows.size() && count < kMaxRowsPerInsert && bytes < kMaxBytesPerInsert);
    SIGNALBOX_CHECK(insert_chunk(table, columns, rows, first, count));
    first += count;
  }
  return {};
}

// insert into t (a, b) select c1, c2 from unnest($1::bigint[], $2::bytea[]) as u(c1, c2); a column without
// any value is the literal null, because an array of nothing has no type.
Status PostgresDatabase::insert_chunk(std::string_view table, const std::vector<std::string>& columns,
                                      const std::vector<std::vector<Value>>& rows, std::size_t first,
                                      std::size_t count) {
  Parameters parameters;
  std::vector<std::string> selected, arrays, names;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    SIGNALBOX_TRY(PgArray array, encode_column(rows, column, first, count));
    if (array.type == PgType::unknown) {
      selected.emplace_back("null");
      continue;
    }
    names.push_back(fmt::format("c{}", names.size() + 1));
    selected.push_back(names.back());
    arrays.push_back(fmt::format("?::{}", name_of_array(array.type)));
    parameters.add(array.type, std::move(array.octets));
  }
  if (arrays.empty()) return fail(ErrorKind::internal, fmt::format("rows of {} without any value", table));
  const std::string sql =
      fmt::format("insert into {} ({}) select {} from unnest({}) as u({})", table, fmt::join(columns, ", "),
                  fmt::join(selected, ", "), fmt::join(arrays, ", "), fmt::join(names, ", "));
  SIGNALBOX_CHECK(prepare(sql, parameters));
  if (unsettled_ == 0 && pq_.PQenterPipelineMode(connection_) == 0) return fail(error_of(nullptr));
  ++unsettled_;
  SIGNALBOX_CHECK(send(sql, parameters));
  return unsettled_ < kMaxUnsettled ? Status{} : settle();
}

Status PostgresDatabase::transaction(Access access, const std::function<Status()>& work) {
  if (in_transaction_) return fail(ErrorKind::internal, "a transaction inside a transaction");
  SIGNALBOX_CHECK(begin(access));
  in_transaction_ = true;
  Status status = work();
  if (status) status = commit();
  if (!status) roll_back();
  in_transaction_ = false;
  return status;
}

Status PostgresDatabase::begin(Access access) {
  const std::string sql =
      access == Access::write
          ? fmt::format("begin; select pg_advisory_xact_lock({}, {})", kLockClass, kLockObject)
          : std::string("begin isolation level repeatable read read only");
  SIGNALBOX_CHECK(reconnect_if_lost());
  Answer answer = own(pq_.PQexec(connection_, sql.c_str()));
  if (is_lost()) {  // while it was idle: nothing was done yet, so it is begun anew
    SIGNALBOX_CHECK(connect());
    answer = own(pq_.PQexec(connection_, sql.c_str()));
  }
  const Status begun = judge(answer);
  if (begun) return {};
  const char* const code = pq_.PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
  const bool locked = code != nullptr && std::string_view(code) == "55P03";
  roll_back();
  return locked ? fail(lock_error()) : begun;
}

// Who holds the writer's lock, as the server knows it.
Error PostgresDatabase::lock_error() {
  const auto rows = query(
      fmt::format(
          "select a.application_name, a.pid, to_char(a.xact_start, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
          "from pg_locks l join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory' and "
          "l.granted and l.objsubid = 2 and l.classid = {} and l.objid = ({}::bigint & 4294967295)::oid "
          "and l.database = (select oid from pg_database where datname = current_database())",
          kLockClass, kLockObject),
      {});
  Error out{ErrorKind::unavailable, name_ + ": the store is locked by another process",
            "wait for it to end, then run the same command again"};
  if (rows && !rows->empty())
    out.message = fmt::format("{}: the store is held by ({})", name_, holder_text(rows->front()));
  return out;
}

// In the pipeline of what was inserted, where there is one. The server answers COMMIT of a transaction in
// which a statement failed with ROLLBACK, and calls that a success.
Status PostgresDatabase::commit() {
  if (unsettled_ > 0) {
    ++unsettled_;
    SIGNALBOX_CHECK(send("commit", Parameters()));
    return settle();
  }
  const Answer answer = own(pq_.PQexec(connection_, "commit"));
  SIGNALBOX_CHECK(judge(answer));
  if (std::string_view(pq_.PQcmdStatus(answer.get())) == "COMMIT") return {};
  return fail(ErrorKind::conflict,
              name_ + ": a statement of the transaction failed, so nothing was recorded");
}

void PostgresDatabase::roll_back() {
  static_cast<void>(settle());
  if (is_lost() || pq_.PQtransactionStatus(connection_) == PQTRANS_IDLE) return;
  static_cast<void>(run("rollback"));
}

}  // namespace signalbox::store
