// What a log says was executed: each execution once, though several lines may tell of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "instruments/queries/logs/log_reader.hpp"

namespace signalbox::queries {

// One statement that ran to its end.
struct LoggedExecution {
  Time at{};
  double duration_ms = 0;
  std::int64_t query_id = 0;  // 0: the log does not say
  std::string_view user;
  std::string_view database;
  std::string_view text;   // with its constants; of EXECUTE that which was prepared
  bool from_plan = false;  // told by its plan alone, whose time is that of execution without planning
};

// One plan that auto_explain wrote.
struct LoggedPlan {
  Time at{};
  std::uint64_t offset = 0;
  double duration_ms = 0;
  std::int64_t query_id = 0;  // of the statement that the client sent, whatever the line itself says
  bool nested = false;        // of a statement inside a function: query_id is that of its caller
  std::string_view database;
  std::string_view plan;  // as auto_explain.log_format has it, with its query text
};

// So that what is looked for need not be a string of its own.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class ExecutionVisitor {
 public:
  virtual ~ExecutionVisitor() = default;
  virtual void execution(const LoggedExecution& execution) = 0;
  virtual void plan(const LoggedPlan& plan) = 0;
};

struct ExecutionCounts {
  std::uint64_t executions = 0;
  std::uint64_t plans = 0;
  std::uint64_t without_text = 0;  // durations whose statement the log does not have
  std::uint64_t errors = 0;        // records of ERROR, FATAL, PANIC
  std::uint64_t deadlocks = 0;     // SQLSTATE 40P01
};

// Reads English messages, as lc_messages = C and en_* write them. What is paired is of one session: a
// statement line of log_statement with the duration after it; a plan with the duration line of its execution,
// which comes after it, but for a SELECT with bound parameters: there it came before. PREPARE and DEALLOCATE
// are no executions, nor are parse, bind and further fetches: pg_stat_statements has none of them.
class Executions final : public LogVisitor {
 public:
  explicit Executions(ExecutionVisitor& visitor) : visitor_(visitor) {}
  void record(const LogRecord& record) override;
  void finish();  // what waited for its pair is told alone
  const ExecutionCounts& counts() const { return counts_; }

 private:
  static constexpr std::size_t kMaxSessions = 65'536;
  static constexpr std::size_t kMaxWithoutPlan = 16;
  enum class Sent { text, parameters };  // as the simple and the extended protocol have it
  // A session between two of its lines.
  struct Session {
    std::string statement;  // of log_statement, whose duration is still to come; empty: none
    Sent statement_sent = Sent::text;
    bool statement_counts = true;
    bool plan_waits = false;  // for the duration line of its execution
    double plan_ms = 0;
    std::int64_t plan_id = 0;
    std::string plan_text, plan_user, plan_database;
    Time plan_at{};
    // Executions with bound parameters whose plan may still come: of a SELECT it is written once its portal
    // is closed, which the next statement does, and under that statement's id.
    struct Executed {
      std::size_t text = 0;  // its hash
      double duration_ms = 0;
      std::int64_t query_id = 0;
    };
    std::array<Executed, kMaxWithoutPlan> without_plan;  // the newest last
    std::size_t without_plan_count = 0;
    void add(const Executed& each);
    // The newest of this statement that took so long at least.
    std::optional<Executed> take(std::size_t text, double duration_ms);
    std::optional<Executed> told;  // before, and seems to be the one whose plan waits
  };
  void duration(const LogRecord& record, std::string_view rest);
  void plan(const LogRecord& record, double duration_ms, std::string_view plan);
  void executed(const LogRecord& record, Session& session, double duration_ms, std::string_view text,
                Sent sent);
  void tell_waiting(Session& session);
  Session& session_of(const LogRecord& record);

  ExecutionVisitor& visitor_;
  ExecutionCounts counts_;
  std::unordered_map<std::string, Session, TextHash, std::equal_to<>> sessions_;
};

// The statement that PREPARE gives a name, within "PREPARE p (int) AS select …"; all of it where it is none.
std::string_view prepared_statement(std::string_view text);
// "Query Text" of a plan as auto_explain writes it, in any of its formats; empty where it has none. Escapes
// are resolved into `buffer`.
std::string_view query_text_of(std::string_view plan, std::string& buffer);

}  // namespace signalbox::queries
