// What a server's catalogue says of what a plan names, and what was going on beside the execution.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::queries {

struct CatalogTable {
  std::string schema, name;
  double rows = 0;     // as the statistics have them; 0: none were gathered
  double changed = 0;  // rows since then
  bool was_analyzed = false;
  bool has_statistics_of_several = false;                 // CREATE STATISTICS
  std::string partition_key;                              // of the table it is a partition of: "day"
  std::map<std::string, std::string, std::less<>> types;  // of its columns: "bigint"
  std::vector<std::string> indexes;  // the keys of each that is of all rows: "customer, created DESC"
};

struct CatalogForeignKey {
  std::string name, schema, table;   // of the referring table
  std::vector<std::string> columns;  // that refer
  std::string referred;              // table
  bool has_index = false;            // on the referring columns
};

// Empty where no server was asked.
struct PlanCatalog {
  std::map<std::string, std::string, std::less<>> index_columns;  // "orders_created": "created DESC"
  std::vector<CatalogTable> tables;
  std::vector<CatalogForeignKey> foreign_keys;
  std::map<std::string, std::string, std::less<>> settings;  // "max_parallel_workers": "8"

  // Without a schema the first one of this name; nullptr where it is not known.
  const CatalogTable* table(std::string_view schema, std::string_view name) const {
    for (const CatalogTable& each : tables) {
      if (each.name == name && (schema.empty() || each.schema == schema)) return &each;
    }
    return nullptr;
  }
  std::string type_of(std::string_view schema, std::string_view relation, std::string_view column) const {
    const CatalogTable* const found = table(schema, relation);
    if (found == nullptr) return {};
    const auto type = found->types.find(column);
    return type == found->types.end() ? std::string() : type->second;
  }
};

// What no plan tells of its own execution.
struct PlanSurroundings {
  double lock_share = 0;       // of its time: it waited for a lock
  double run_queue_share = 0;  // of its time: it could have run and had no processor
  std::string blocker;         // who held the lock, in words; may be empty
  // The medians of other executions of the same statement.
  std::optional<double> usual_ms, usual_read_blocks;
};

}  // namespace signalbox::queries
