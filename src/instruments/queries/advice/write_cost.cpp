#include "instruments/queries/advice/write_cost.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr int kRows = 2'000;
constexpr int kBatches = 7;  // of which the one in the middle counts

struct Batch {
  double ms = 0, wal_bytes = 0;
};

double detail_of(const PlanNode& node, std::string_view name) {
  for (const auto& [key, value] : node.details) {
    if (key == name) return std::strtod(value.c_str(), nullptr);
  }
  return 0;
}

Result<Batch> insert(Copy& copy, const IndexCandidate& index, std::int64_t& rows) {
  std::vector<Batch> batches;
  for (int i = 0; i < kBatches; ++i) {
    SIGNALBOX_CHECK(copy.run("truncate signalbox_written"));
    SIGNALBOX_TRY(const auto text,
                  copy.query(fmt::format("explain (analyze, buffers, wal, format json) insert into "
                                         "signalbox_written select * from {} limit {}",
                                         sql_name(index.schema, index.table), kRows)));
    SIGNALBOX_TRY(const Plan plan, read_plan(text.at(0).text(0)));
    const PlanNode& root = plan.nodes.front();
    if (plan.nodes.size() > 1) rows = static_cast<std::int64_t>(plan.nodes[1].actual_rows);
    batches.push_back({plan.execution_ms.value_or(0), detail_of(root, "WAL Bytes")});
  }
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) { return a.ms < b.ms; });
  return batches[kBatches / 2];
}

}  // namespace

Result<WriteCost> measure_writes(Copy& copy, const IndexCandidate& index) {
  WriteCost out;
  const Status tried = copy.try_within([&]() -> Status {
    SIGNALBOX_CHECK(copy.run(fmt::format("create table signalbox_written (like {} including all)",
                                         sql_name(index.schema, index.table))));
    SIGNALBOX_TRY(const Batch before, insert(copy, index, out.rows));
    IndexCandidate there = index;
    there.schema.clear();
    there.table = "signalbox_written";
    SIGNALBOX_CHECK(copy.run(there.create_sql(IndexCandidate::How::at_once)));
    SIGNALBOX_TRY(const Batch after, insert(copy, index, out.rows));
    if (out.rows == 0) return {};
    const auto rows = static_cast<double>(out.rows);
    out.before_us = before.ms * 1'000 / rows;
    out.after_us = after.ms * 1'000 / rows;
    out.before_wal_bytes = before.wal_bytes / rows;
    out.after_wal_bytes = after.wal_bytes / rows;
    out.is_known = true;
    return {};
  });
  // A table that cannot be written so is no reason against the index.
  if (!tried) out = {};
  return out;
}

}  // namespace signalbox::queries
