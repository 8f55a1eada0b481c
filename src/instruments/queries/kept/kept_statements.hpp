// What was read of servers, kept: each statement once, and of each interval what its statements did in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"
#include "instruments/queries/server/statement_reading.hpp"
#include "instruments/queries/statements/counters.hpp"

namespace signalbox::queries {

struct KeptServer {
  std::int64_t id = 0;
  std::string name;
  std::string address;
  int version = 0;
  Time seen{};                    // the last reading, by the server's clock
  std::string system_identifier;  // of its files; empty where it was not told
  int cores = 0;                  // that it may run on; 0: not known
};

// One statement as it is shown.
struct KeptStatement {
  std::int64_t id = 0;
  StatementKey key;
  std::string role;
  std::string database;
  std::string fingerprint;
  std::string sql;   // without constants; empty: hidden
  bool own = false;  // asked by a watch itself
};

// What the reading before was, for the next to be compared with.
struct LastReading {
  struct Seen {
    std::int64_t statement = 0;
    Counters counters;
    std::string database, role;
    bool own = false;
  };
  bool is_first = true;  // there was none
  Time at{};
  std::int64_t stats_reset_ms = 0;
  std::int64_t dealloc = 0;
  ByStatement<Seen> statements;
};

// Which windows count: those that ended after `since` and no later than `until`.
struct Span {
  Time since{};
  Time until{};
};

// What all windows of a span have in common.
struct SpanTotals {
  std::int64_t windows = 0;
  Time began{};
  Time ended{};
  Duration covered{0};       // their lengths together: less than ended − began where there were gaps
  std::int64_t dealloc = 0;  // times the server dropped statements for want of room
  bool since_reset = false;  // the one window there is is all since the last reset, not an interval
};

struct StatementSum {
  KeptStatement statement;
  Counters counters;
  bool partial = false;  // of some interval a part is not known
};

struct HistoryPoint {
  Time began{};
  Time ended{};
  Counters counters;
};

// Neither the database nor its tables are its own. One thread at a time.
class KeptStatements {
 public:
  explicit KeptStatements(store::Database& database) : database_(database) {}

  // The server of this name, made where it is new. conflict where the name is another server's.
  Result<KeptServer> server(std::string_view name, const ServerIdentity& identity);
  Status set_cores(std::int64_t server, int cores);
  Result<std::vector<KeptServer>> servers();  // by name
  // The one of this name; without a name the only one there is. not_found, bad_input where there are several.
  Result<KeptServer> find_server(std::string_view name);

  Result<LastReading> last(std::int64_t server);

  // One window with all that changed, as one transaction. `last` becomes what was read. New statements are
  // `names`; what is neither known nor named is kept without text.
  struct Written {
    std::int64_t window = 0;
    std::size_t changed = 0;
    std::size_t partial = 0;
    bool reset = false;
    Counters sum;  // of all of them
    std::vector<std::pair<StatementKey, Counters>> deltas;
  };
  Result<Written> write(std::int64_t server, LastReading& last, const StatementReading& reading,
                        const std::vector<StatementName>& names);
  // Windows that ended before `time` go, with all that is of them. Returns how many.
  Result<std::int64_t> forget_before(std::int64_t server, Time time);

  Result<SpanTotals> totals(std::int64_t server, const Span& span);
  Result<std::vector<StatementSum>> sums(std::int64_t server, const Span& span);  // in no order
  // By queryid (decimal, may be negative) or fingerprint; all that it stands for. not_found.
  Result<std::vector<KeptStatement>> find(std::int64_t server, std::string_view key);
  // All statements that clients sent themselves together, window by window in the order of time.
  Result<std::vector<HistoryPoint>> timeline(std::int64_t server, const Span& span);
  // What these statements did, one by one, in windows in which they ran, in the order of time.
  struct Step {
    std::int64_t statement = 0;
    Time ended{};
    std::int64_t calls = 0;
    double total_exec_ms = 0;
  };
  Result<std::vector<Step>> steps(std::int64_t server, const std::vector<std::int64_t>& statements,
                                  const Span& span);
  // Of these statements together, window by window in the order of time; windows without them have zeros.
  Result<std::vector<HistoryPoint>> history(std::int64_t server, const std::vector<std::int64_t>& statements,
                                            const Span& span);

 private:
  Result<ByStatement<std::int64_t>> add_statements(std::int64_t server, const LastReading& last,
                                                   const StatementReading& reading,
                                                   const std::vector<StatementName>& names);
  Result<std::int64_t> next_id(std::string_view table);
  Status put_last(std::int64_t statement, const Counters& counters);

  store::Database& database_;
};

}  // namespace signalbox::queries
