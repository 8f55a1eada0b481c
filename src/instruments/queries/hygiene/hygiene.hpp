// What lies about in a database: indexes that nobody reads or that others cover, tables that are not
// vacuumed, numbers that run out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

struct IndexFacts {
  std::string schema, table, name;
  std::string method;  // "btree"
  std::vector<std::string>
      keys;  // with collation, operator class and order where they are not the usual ones
  std::string include, predicate;
  bool is_unique = false;
  bool is_needed = false;  // a constraint or the identity for replicas stands on it
  bool is_valid = true;
  bool is_being_built = false;
  std::int64_t bytes = 0;
  std::int64_t scans = 0;  // since the statistics were reset, on this server and the replicas that were asked
  double leaf_density = 0;  // percent of its pages that is used; 0: not looked at
};

struct TableFacts {
  std::string schema, name;
  double live = 0, dead = 0;  // rows
  std::int64_t xid_age = 0, multixact_age = 0;
  bool is_vacuumed_by_itself = true;  // autovacuum is on for it
};

struct SequenceFacts {
  std::string schema, name, column;  // that takes its numbers: "orders.id"; may be empty
  double last = 0;
  double most = 0;  // what it or the column's type can hold, the smaller one
  bool cycles = false;
};

struct DatabaseAge {
  std::string name;
  std::int64_t xid_age = 0, multixact_age = 0;
};

// Who keeps dead rows from being removed.
struct HorizonHolder {
  std::string kind;  // "session", "prepared transaction", "replication slot"
  std::string name;  // pid, identifier or name
  std::string what;  // "idle in transaction"
  std::int64_t xid_age = 0;
  double seconds = 0;  // since it began; 0: not known
};

struct ForeignKeyFacts {
  std::string name, schema, table, referred;
  std::vector<std::string> columns;
  double rows = 0;  // of the referring table
};

struct HygieneFacts {
  std::string database;
  double counted_s = 0;  // for how long uses of indexes were counted
  std::int64_t freeze_max_age = 0, multixact_freeze_max_age = 0;
  std::vector<IndexFacts> indexes;
  std::vector<TableFacts> tables;
  std::vector<SequenceFacts> sequences;
  std::vector<DatabaseAge> databases;
  std::vector<HorizonHolder> holders;
  std::vector<ForeignKeyFacts> foreign_keys;  // without an index on the referring columns
};

enum class LeafDensity { leave, read };  // pgstatindex of pgstattuple reads each index from end to end

// `replicas`: uses of their indexes are added, for one that only they read is used.
Result<HygieneFacts> read_hygiene(ServerLink& link, std::vector<ServerLink>& replicas, LeafDensity density);

struct HygieneOptions {
  double least_counted_s = 7 * 86'400;  // uses counted for less say nothing about an index
};

struct HygieneFinding {
  std::string code;  // "unused_index"
  Severity severity = Severity::warning;
  std::string object;  // "public.orders_note_idx"
  std::string message;
  std::string remedy;      // SQL, one statement a line, or words
  std::int64_t bytes = 0;  // that it frees
};

// What weighs most first.
std::vector<HygieneFinding> judge_hygiene(const HygieneFacts& facts, const HygieneOptions& options);

Report hygiene_report(const HygieneFacts& facts, const std::vector<HygieneFinding>& findings,
                      const ServerIdentity& server, const HygieneOptions& options);

}  // namespace signalbox::queries
