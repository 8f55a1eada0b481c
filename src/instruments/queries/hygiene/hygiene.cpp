#include "instruments/queries/hygiene/hygiene.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/sql/names.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::int64_t kSmallBytes = 1'000'000;  // an index that nobody reads and costs nothing
constexpr double kLooseDensity = 45;             // percent: half of a B-tree of 90, as it is built
constexpr double kManyDead = 0.2, kDeadRows = 10'000;
constexpr double kLateFreeze = 1.1;                      // of the age at which the server begins by itself
constexpr std::int64_t kNearWraparound = 1'500'000'000;  // of 2^31; at 2^31 - 3,000,000 it takes no writes
constexpr std::int64_t kOldHorizon = 1'000'000;
constexpr double kLongTransaction_s = 3'600;
constexpr double kNearlyUsed = 0.8, kAllButUsed = 0.95;
constexpr double kManyRows = 10'000;

std::string count_of(double count) {
  return text_of_count(static_cast<std::int64_t>(count));
}

class Judging {
 public:
  Judging(const HygieneFacts& facts, const HygieneOptions& options) : facts_(facts), options_(options) {}

  std::vector<HygieneFinding> run() && {
    for (std::size_t i = 0; i < facts_.indexes.size(); ++i) index(i);
    for (const ForeignKeyFacts& each : facts_.foreign_keys) foreign_key(each);
    for (const TableFacts& each : facts_.tables) table(each);
    for (const DatabaseAge& each : facts_.databases) database(each);
    for (const HorizonHolder& each : facts_.holders) holder(each);
    for (const SequenceFacts& each : facts_.sequences) sequence(each);
    std::stable_sort(out_.begin(), out_.end(), [](const HygieneFinding& a, const HygieneFinding& b) {
      return a.severity != b.severity ? a.severity > b.severity : a.bytes > b.bytes;
    });
    return std::move(out_);
  }

 private:
  void add(std::string code, Severity severity, std::string object, std::string message, std::string remedy,
           std::int64_t bytes = 0) {
    out_.push_back(
        {std::move(code), severity, std::move(object), std::move(message), std::move(remedy), bytes});
  }
  static std::string name_of(const IndexFacts& index) { return sql_name(index.schema, index.name); }
  static std::string drop(const IndexFacts& index) {
    return fmt::format("DROP INDEX CONCURRENTLY {};", name_of(index));
  }

  static bool is_alike(const IndexFacts& a, const IndexFacts& b) {
    return a.schema == b.schema && a.table == b.table && a.method == b.method && a.predicate == b.predicate;
  }
  // Of two that are the same, the one that may go: no constraint stands on it; else the later by name.
  static bool may_go_before(const IndexFacts& a, const IndexFacts& b) {
    if (a.is_needed || (a.is_unique && !b.is_unique)) return false;
    return b.is_needed || (b.is_unique && !a.is_unique) || a.name > b.name;
  }

  void index(std::size_t at) {
    const IndexFacts& self = facts_.indexes[at];
    if (!self.is_valid) {
      if (self.is_being_built) return;
      return add("invalid_index", Severity::error, name_of(self),
                 "its building failed: it is written to and never read",
                 drop(self) + fmt::format("\n-- or: REINDEX INDEX CONCURRENTLY {};", name_of(self)),
                 self.bytes);
    }
    for (const IndexFacts& other : facts_.indexes) {
      if (&other == &self || !other.is_valid || !is_alike(self, other)) continue;
      if (self.keys == other.keys && self.include == other.include && may_go_before(self, other)) {
        return add("duplicate_index", Severity::warning, name_of(self),
                   fmt::format("it is the same as {}", name_of(other)), drop(self), self.bytes);
      }
    }
    if (is_covered(self)) return;
    unused(self);
    if (self.leaf_density > 0 && self.leaf_density < kLooseDensity) {
      add("bloated_index", Severity::warning, name_of(self),
          fmt::format("{:.0f} % of its {} are used", self.leaf_density, text_of_bytes(self.bytes)),
          fmt::format("REINDEX INDEX CONCURRENTLY {};", name_of(self)),
          static_cast<std::int64_t>(static_cast<double>(self.bytes) * (1 - self.leaf_density / 90)));
    }
  }

  // One that begins with the same columns serves all that it serves, and is a little larger to read.
  bool is_covered(const IndexFacts& self) {
    if (self.is_needed || self.is_unique || self.method != "btree" || !self.include.empty()) return false;
    for (const IndexFacts& other : facts_.indexes) {
      if (&other == &self || !other.is_valid || !is_alike(self, other)) continue;
      const bool begins = other.keys.size() > self.keys.size() &&
                          std::equal(self.keys.begin(), self.keys.end(), other.keys.begin());
      const bool same_and_more = other.keys == self.keys && !other.include.empty();
      if (!begins && !same_and_more) continue;
      add("redundant_index", Severity::warning, name_of(self),
          fmt::format("{} begins with the same columns", name_of(other)), drop(self), self.bytes);
      return true;
    }
    return false;
  }

  void unused(const IndexFacts& self) {
    if (self.is_needed || self.is_unique || self.scans > 0 || self.bytes < kSmallBytes) return;
    if (facts_.counted_s < options_.least_counted_s) return;
    add("unused_index", Severity::warning, name_of(self),
        fmt::format("nobody read it for {:.0f} days, and each row that is written is written to it as well",
                    facts_.counted_s / 86'400),
        drop(self), self.bytes);
  }

  void foreign_key(const ForeignKeyFacts& key) {
    if (key.rows < kManyRows) return;
    std::vector<std::string> columns;
    for (const std::string& each : key.columns) columns.push_back(sql_name(each));
    add("missing_fk_index", Severity::note, sql_name(key.schema, key.table),
        fmt::format("a row that is deleted from {} is looked for among all {} rows: {} has no index",
                    key.referred, count_of(key.rows), fmt::join(key.columns, ", ")),
        create_index(key.schema, key.table, columns));
  }

  void table(const TableFacts& self) {
    const std::string name = sql_name(self.schema, self.name);
    if (self.dead >= kDeadRows && self.dead >= kManyDead * (self.live + self.dead)) {
      add("dead_rows", Severity::warning, name,
          fmt::format("{} of {} rows are dead{}", count_of(self.dead), count_of(self.live + self.dead),
                      self.is_vacuumed_by_itself ? "" : ", and autovacuum is off for it"),
          fmt::format("VACUUM (ANALYZE) {};{}", name,
                      self.is_vacuumed_by_itself
                          ? ""
                          : fmt::format("\nALTER TABLE {} RESET (autovacuum_enabled);", name)));
    }
    age("table_age", name, self.xid_age, facts_.freeze_max_age, "transactions",
        fmt::format("VACUUM (FREEZE) {};", name));
    age("table_age", name, self.multixact_age, facts_.multixact_freeze_max_age, "groups of lock holders",
        fmt::format("VACUUM (FREEZE) {};", name));
  }

  void database(const DatabaseAge& self) {
    const std::string remedy =
        fmt::format("VACUUM (FREEZE);  -- in database {}, and end who keeps it from it", sql_name(self.name));
    age("database_age", sql_name(self.name), self.xid_age, facts_.freeze_max_age, "transactions", remedy);
    age("database_age", sql_name(self.name), self.multixact_age, facts_.multixact_freeze_max_age,
        "groups of lock holders", remedy);
  }

  void age(const char* code, const std::string& object, std::int64_t age, std::int64_t begins,
           const char* what, const std::string& remedy) {
    if (static_cast<double>(age) < kLateFreeze * static_cast<double>(begins)) return;
    const bool near = age >= kNearWraparound;
    add(code, near ? Severity::error : Severity::warning, object,
        fmt::format("its oldest row is {} {} old, and autovacuum begins at {}: it does not come to it{}",
                    text_of_count(age), what, text_of_count(begins),
                    near ? "; at 2.1 thousand million the server takes no writes" : ""),
        remedy);
  }

  void holder(const HorizonHolder& self) {
    if (self.xid_age < kOldHorizon && self.seconds < kLongTransaction_s) return;
    const std::string remedy =
        self.kind == "session" ? fmt::format("SELECT pg_terminate_backend({});", self.name)
        : self.kind == "prepared transaction"
            ? fmt::format("ROLLBACK PREPARED {};", sql_literal(self.name))
            : fmt::format("SELECT pg_drop_replication_slot({});", sql_literal(self.name));
    add("old_horizon", Severity::warning, self.kind + " " + self.name,
        fmt::format("it ({}) keeps rows that died since {} transactions{} from being removed", self.what,
                    text_of_count(self.xid_age),
                    self.seconds > 0 ? ", " + text_of_ms(self.seconds * 1'000) + "," : ""),
        remedy + "  -- when nobody needs it any more");
  }

  void sequence(const SequenceFacts& self) {
    const double part = self.most > 0 ? self.last / self.most : 0;
    if (part < kNearlyUsed || self.cycles) return;
    add("sequence_ends", part >= kAllButUsed ? Severity::error : Severity::warning,
        sql_name(self.schema, self.name),
        fmt::format("{} of {} numbers are used{}", text_of_share(part), count_of(self.most),
                    self.column.empty() ? "" : ", those of " + self.column),
        self.column.empty()
            ? fmt::format("ALTER SEQUENCE {} AS bigint;", sql_name(self.schema, self.name))
            : "a column of bigint: a new one that is filled and takes the old one's place; the table "
              "is rewritten by ALTER COLUMN … TYPE bigint");
  }

  const HygieneFacts& facts_;
  const HygieneOptions& options_;
  std::vector<HygieneFinding> out_;
};

}  // namespace

std::vector<HygieneFinding> judge_hygiene(const HygieneFacts& facts, const HygieneOptions& options) {
  return Judging(facts, options).run();
}

Report hygiene_report(const HygieneFacts& facts, const std::vector<HygieneFinding>& findings,
                      const ServerIdentity& server, const HygieneOptions& options) {
  Report report;
  report.instrument = "queries";
  report.title = fmt::format("Database {} of {}", facts.database, server.address);
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const HygieneFinding& each) { return each.severity == Severity::error; });
  report.verdict = bad ? Verdict::fail : findings.empty() ? Verdict::pass : Verdict::warn;
  report.summary =
      findings.empty() ? "nothing lies about" : counted(findings.size(), "thing") + " to put right";
  const double days = facts.counted_s / 86'400;
  report.facts = {{"tables", static_cast<std::int64_t>(facts.tables.size()), ""},
                  {"indexes", static_cast<std::int64_t>(facts.indexes.size()), ""},
                  {"uses of indexes counted for", fmt::format("{:.1f}", days), "days"}};
  if (facts.counted_s < options.least_counted_s) {
    report.facts.push_back({"unused indexes",
                            fmt::format("not told: their uses were counted for less than {:.0f} days",
                                        options.least_counted_s / 86'400),
                            ""});
  }
  Json list = Json::array();
  std::int64_t bytes = 0;
  for (const HygieneFinding& each : findings) {
    Finding finding;
    finding.rule = "queries/" + each.code;
    finding.severity = each.severity;
    finding.message = printable(escape_invalid_utf8(
        fmt::format("{}: {}{}", each.object, each.message,
                    each.bytes > 0 ? fmt::format(" ({})", text_of_bytes(each.bytes)) : "")));
    finding.remedy = each.remedy;
    report.findings.push_back(std::move(finding));
    bytes += each.bytes;
    list.push_back(Json::object({{"code", each.code},
                                 {"severity", std::string(name_of(each.severity))},
                                 {"object", escape_invalid_utf8(each.object)},
                                 {"message", escape_invalid_utf8(each.message)},
                                 {"remedy", escape_invalid_utf8(each.remedy)},
                                 {"bytes", each.bytes}}));
  }
  if (bytes > 0) report.facts.push_back({"would be free", text_of_bytes(bytes), ""});
  report.data = Json::object({{"database", facts.database},
                              {"counted_days", days},
                              {"bytes", bytes},
                              {"findings", std::move(list)}});
  return report;
}

}  // namespace signalbox::queries
