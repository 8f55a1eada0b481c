// log_line_prefix, compiled: what stands before each line of a log on stderr.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/logs/log_record.hpp"

namespace signalbox::queries {

// What a prefix told of its line.
struct PrefixFields {
  LogRecord record;           // pid, session, user, database, application, sqlstate, query_id; of %n the time
  std::string_view time;      // of %t and %m, for LogTimes
  std::string_view severity;  // "LOG", "DETAIL", "STATEMENT"
  std::size_t text = 0;       // where the words after "LOG:  " begin
};

// Source of the escapes: PostgreSQL 15, chapter 20.8.3, and elog.c; %-10p pads at the right, %10p at the
// left.
class LinePrefix {
 public:
  // bad_input for an escape that is none, and where neither time nor process is told.
  static Result<LinePrefix> compile(std::string_view prefix);

  // Whether `line` begins with this prefix, a severity and ":  ". Takes no longer than the length of what is
  // before the severity (kMaxPrefixBytes at most) times the number of escapes.
  bool match(std::string_view line, PrefixFields& fields) const;
  static constexpr std::size_t kMaxPrefixBytes = 1'024;

 private:
  static constexpr std::size_t kMaxItems = 60;
  enum class Kind : std::uint8_t {
    literal,
    spaces,
    application,
    user,
    database,
    remote,
    host,
    backend,
    pid,
    leader,
    time,
    epoch,
    tag,
    sqlstate,
    session,
    line,
    started,
    vxid,
    xid,
    query_id,
  };
  struct Item {
    Kind kind = Kind::literal;
    std::string literal;
  };
  struct Attempt;

  static bool kind_of(char escape, Kind& kind);
  static bool is_text(Kind kind);
  static std::size_t length_of(Kind kind, std::string_view text);
  bool match_at_once(std::string_view line, PrefixFields& fields) const;
  bool match_from(Attempt& attempt, std::size_t item, std::size_t at) const;
  static bool match_severity(std::string_view line, std::size_t at, PrefixFields& fields);
  static void keep(Kind kind, std::string_view text, PrefixFields& fields);

  std::vector<Item> items_;
  // From this item on lines of processes without a session have nothing: %q. items_.size(): there is none.
  std::size_t first_optional_ = 0;
};

}  // namespace signalbox::queries
