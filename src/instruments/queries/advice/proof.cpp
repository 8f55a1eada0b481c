#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/advice/advice.hpp"
#include "instruments/queries/advice/parameters.hpp"
#include "instruments/queries/advice/write_cost.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/plan_shape.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kValueSets = 3;  // executions with different values
constexpr int kRepeats = 3;            // of each, of which the fastest counts: the copy may be busy
constexpr std::size_t kMostCandidates = 24;
constexpr double kAsGood = 0.05;   // two gains that differ by less are the same; the smaller index is better
constexpr double kNoticed = 0.1;   // a statement that changes by less is not told of
constexpr double kWorthIt = 0.01;  // of the time of all statements: an index that saves less is not told

// A statement as it is measured.
struct Trial {
  std::size_t statement = 0;
  PreparedStatement prepared;
  DrawnValues values;
  double calls = 0;
  double first_ms = 0, now_ms = 0;  // an execution: without new indexes, and with those that were chosen
  Plan plan;                        // of now
  bool touches(const IndexCandidate& index) const {
    return std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const PlanNode& node) {
      return node.relation == index.table && (index.schema.empty() || node.schema == index.schema);
    });
  }
};

struct Timing {
  double ms = 0;
  Plan plan;
};

// How the table is reached in a plan.
std::string access_of(const Plan& plan, const IndexCandidate& index) {
  for (const PlanNode& node : plan.nodes) {
    if (node.relation != index.table) continue;
    if (node.type != "Bitmap Heap Scan") return title_of(node);
    for (const int child : node.children) {
      const PlanNode& below = plan.nodes[static_cast<std::size_t>(child)];
      if (below.type == "Bitmap Index Scan")
        return "Bitmap Scan using " + below.index + " on " + node.relation;
    }
    return title_of(node);
  }
  return {};
}

// What building one index brought, measured.
struct Outcome {
  std::int64_t size_bytes = 0;
  double build_ms = 0, saved_ms = 0;
  double served_ms = 0;                   // what it makes faster took at first, before any other
  std::map<std::size_t, Timing> timings;  // by place among the trials
  std::string failure;                    // why it could not be built
  double gain() const { return served_ms > 0 ? saved_ms / served_ms : 0; }
};

class Proving {
 public:
  Proving(Workload workload, Copy& copy, const AdviceOptions& options,
          const std::function<void(std::string_view)>& say)
      : copy_(copy), options_(options), say_(say) {
    out_.workload = std::move(workload);
    out_.is_measured = true;
    out_.copy = copy.link().identity().address + ", database " + copy.link().identity().database;
  }

  Result<Advice> run() && {
    SIGNALBOX_TRY(const auto size, copy_.query("select pg_database_size(current_database())::bigint"));
    out_.database_bytes = size.at(0).integer(0);
    SIGNALBOX_CHECK(copy_.try_out([&]() -> Status {
      SIGNALBOX_CHECK(measure_all());
      SIGNALBOX_TRY(std::vector<IndexCandidate> candidates, find_candidates());
      return choose(std::move(candidates));
    }));
    for (const Trial& trial : trials_) {
      out_.before_ms += trial.calls * trial.first_ms;
      out_.after_ms += trial.calls * trial.now_ms;
    }
    return std::move(out_);
  }

 private:
  Result<Timing> measure(const Trial& trial) {
    Timing out;
    double slowest = -1;
    for (const auto& values : trial.values.sets) {
      double fastest = -1;
      Plan fastest_plan;
      for (int i = 0; i < kRepeats; ++i) {
        // What it writes is taken back before it is executed again.
        SIGNALBOX_CHECK(copy_.try_within([&]() -> Status {
          SIGNALBOX_TRY(Plan plan, copy_.explain(trial.prepared, Copy::Values::these, values));
          const double ms = plan.execution_ms.value_or(0);
          if (fastest >= 0 && ms >= fastest) return {};
          fastest = ms;
          fastest_plan = std::move(plan);
          return {};
        }));
      }
      // The plan that tells most of what it lacks.
      if (fastest > slowest) {
        slowest = fastest;
        out.plan = std::move(fastest_plan);
      }
      out.ms += fastest / static_cast<double>(trial.values.sets.size());
    }
    return out;
  }

  // What cannot be measured is left out, with the reason.
  Status measure_all() {
    for (std::size_t i = 0; i < out_.workload.statements.size(); ++i) {
      const WorkStatement& statement = out_.workload.statements[i];
      say_(fmt::format("measuring statement {} of {}", i + 1, out_.workload.statements.size()));
      Trial trial;
      trial.statement = i;
      trial.calls = static_cast<double>(statement.calls);
      Status failed;
      // An error ends what was done in the transaction: it is within one of its own.
      SIGNALBOX_CHECK(copy_.run("savepoint signalbox_statement"));
      failed = [&]() -> Status {
        SIGNALBOX_TRY(trial.prepared, copy_.prepare(statement.sql));
        SIGNALBOX_TRY(trial.values, draw_values(copy_, trial.prepared, statement.sql, kValueSets));
        SIGNALBOX_TRY(Timing timing, measure(trial));
        trial.first_ms = trial.now_ms = timing.ms;
        trial.plan = std::move(timing.plan);
        return {};
      }();
      SIGNALBOX_CHECK(copy_.run("rollback to savepoint signalbox_statement"));
      if (!failed) {
        out_.skipped.push_back({i, failed.error().message});
        continue;
      }
      out_.guessed_values += trial.values.guessed;
      all_ms_ += trial.calls * trial.first_ms;
      trials_.push_back(std::move(trial));
    }
    return {};
  }

  Result<std::vector<IndexCandidate>> find_candidates() {
    std::vector<WeighedPlan> plans;
    std::vector<std::pair<std::string, std::string>> tables;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      plans.push_back({i, &trials_[i].plan, trials_[i].calls});
      for (const PlanNode& node : trials_[i].plan.nodes) {
        if (!node.relation.empty()) tables.emplace_back(node.schema, node.relation);
      }
    }
    SIGNALBOX_TRY(const PlanCatalog catalog, read_plan_catalog(copy_.link(), tables));
    std::vector<IndexCandidate> out = candidates_of(plans, catalog);
    for (std::size_t i = kMostCandidates; i < out.size(); ++i)
      out_.rejected.push_back({out[i], "not tried: others weigh more"});
    out.resize(std::min(out.size(), kMostCandidates));
    // A partition is no place for an index of its own: what is built there serves one of many.
    std::erase_if(out, [&](const IndexCandidate& each) {
      const CatalogTable* const table = catalog.table(each.schema, each.table);
      return table != nullptr && !table->partition_key.empty();
    });
    return out;
  }

  // Builds it and measures what reads its table; taken back.
  Result<Outcome> try_index(const IndexCandidate& index) {
    Outcome out;
    SIGNALBOX_CHECK(copy_.try_within([&]() -> Status {
      const Status built = build(index, out);
      if (!built) {
        out.failure = built.error().message;
        return {};
      }
      for (std::size_t i = 0; i < trials_.size(); ++i) {
        if (!trials_[i].touches(index)) continue;
        SIGNALBOX_TRY(Timing timing, measure(trials_[i]));
        // Whose plan stays is not changed by an index, whatever the clock says; but for what writes to it.
        const bool writes = timing.plan.nodes.front().type == "ModifyTable";
        if (!writes && shape_hash(timing.plan) == shape_hash(trials_[i].plan)) continue;
        out.saved_ms += trials_[i].calls * (trials_[i].now_ms - timing.ms);
        if (timing.ms < (1 - kNoticed) * trials_[i].now_ms)
          out.served_ms += trials_[i].calls * trials_[i].first_ms;
        out.timings.emplace(i, std::move(timing));
      }
      return {};
    }));
    return out;
  }

  Status build(const IndexCandidate& index, Outcome& out) {
    // An index of a large table takes its time; a statement that takes as long is given up.
    SIGNALBOX_TRY(const auto timeout, copy_.query("select current_setting('statement_timeout')::text"));
    SIGNALBOX_CHECK(copy_.run("set local statement_timeout = 0"));
    const auto began = std::chrono::steady_clock::now();
    SIGNALBOX_CHECK(copy_.run(index.create_sql(IndexCandidate::How::at_once)));
    out.build_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    SIGNALBOX_TRY(const auto rows, copy_.query("select pg_relation_size(to_regclass($1))::bigint",
                                               {sql_name(index.schema, index.name())}));
    out.size_bytes = rows.at(0).integer(0);
    // An expression has no statistics before.
    SIGNALBOX_CHECK(copy_.run(fmt::format("analyze {}", sql_name(index.schema, index.table))));
    return copy_.run(fmt::format("set local statement_timeout = {}", sql_literal(timeout.at(0).text(0))));
  }

  // Takes the best, builds it, and asks again what is left to gain: an index may make another needless.
  Status choose(std::vector<IndexCandidate> candidates) {
    std::vector<std::optional<Outcome>> outcomes(candidates.size());
    std::int64_t room =
        static_cast<std::int64_t>(options_.most_size * static_cast<double>(out_.database_bytes));
    while (true) {
      std::optional<std::size_t> best;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!outcomes[i]) {
          say_(fmt::format("building {} of {}: {}", i + 1, candidates.size(), candidates[i].name()));
          SIGNALBOX_TRY(outcomes[i], try_index(candidates[i]));
        }
        if (!pays(*outcomes[i], room)) continue;
        if (!best || is_better(*outcomes[i], *outcomes[*best])) best = i;
      }
      if (!best || out_.indexes.size() == options_.most_indexes) {
        for (std::size_t i = 0; i < candidates.size(); ++i)
          out_.rejected.push_back({candidates[i], why_not(*outcomes[i], room)});
        return {};
      }
      const IndexCandidate chosen = candidates[*best];
      room -= outcomes[*best]->size_bytes;
      SIGNALBOX_CHECK(take(chosen, *outcomes[*best]));
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(*best));
      outcomes.erase(outcomes.begin() + static_cast<std::ptrdiff_t>(*best));
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i].table == chosen.table) outcomes[i].reset();
      }
    }
  }

  bool pays(const Outcome& outcome, std::int64_t room) const {
    return outcome.failure.empty() && outcome.saved_ms > kWorthIt * all_ms_ &&
           outcome.gain() >= options_.least_gain && outcome.size_bytes <= room;
  }
  static bool is_better(const Outcome& a, const Outcome& b) {
    const double most = std::max(a.saved_ms, b.saved_ms);
    if (std::abs(a.saved_ms - b.saved_ms) > kAsGood * most) return a.saved_ms > b.saved_ms;
    return a.size_bytes < b.size_bytes;
  }
  std::string why_not(const Outcome& outcome, std::int64_t room) const {
    if (!outcome.failure.empty()) return outcome.failure;
    if (outcome.saved_ms > kWorthIt * all_ms_ && outcome.gain() >= options_.least_gain) {
      if (outcome.size_bytes > room) return fmt::format("too large: {}", text_of_bytes(outcome.size_bytes));
      return fmt::format("beyond the {} indexes that were asked for", options_.most_indexes);
    }
    return out_.indexes.empty() ? "no gain worth it was measured"
                                : "no gain worth it was measured beside those that are told";
  }

  Status take(const IndexCandidate& index, const Outcome& outcome) {
    ProvenIndex proven;
    proven.index = index;
    proven.size_bytes = outcome.size_bytes;
    proven.build_ms = outcome.build_ms;
    proven.saved_ms = outcome.saved_ms;
    proven.gain = outcome.gain();
    say_(fmt::format("measuring what a row costs that is written with {}", index.name()));
    SIGNALBOX_TRY(proven.write, measure_writes(copy_, index));
    for (const auto& [place, timing] : outcome.timings) {
      Trial& trial = trials_[place];
      if (std::abs(timing.ms - trial.now_ms) > kNoticed * trial.now_ms) {
        proven.statements.push_back({trial.statement, trial.now_ms, timing.ms, access_of(trial.plan, index),
                                     access_of(timing.plan, index)});
      }
      trial.now_ms = timing.ms;
      trial.plan = timing.plan;
    }
    Outcome again;
    SIGNALBOX_CHECK(build(index, again));
    // The candidate counts places among the trials; who reads the advice knows the workload.
    for (std::size_t& each : proven.index.statements) each = trials_[each].statement;
    out_.indexes.push_back(std::move(proven));
    return {};
  }

  Copy& copy_;
  const AdviceOptions& options_;
  const std::function<void(std::string_view)>& say_;
  Advice out_;
  std::vector<Trial> trials_;
  double all_ms_ = 0;  // of all calls, without new indexes
};

}  // namespace

Result<Advice> prove(Workload workload, Copy& copy, const AdviceOptions& options,
                     const std::function<void(std::string_view)>& say) {
  return Proving(std::move(workload), copy, options, say).run();
}

namespace {

// A plan that is kept may be of a slow execution: no more of them than the statement took time for.
double executions_like(const Plan& plan, const WorkStatement& statement) {
  const double calls = static_cast<double>(statement.calls);
  const double once_ms = plan.execution_ms.value_or(0);
  return once_ms > 0 ? std::min(calls, statement.total_ms / once_ms) : calls;
}

}  // namespace

Advice propose(Workload workload, const PlanCatalog& catalog) {
  Advice out;
  std::vector<WeighedPlan> plans;
  for (std::size_t i = 0; i < workload.statements.size(); ++i) {
    const WorkStatement& each = workload.statements[i];
    if (each.plan && each.plan->was_measured())
      plans.push_back({i, &*each.plan, executions_like(*each.plan, each)});
    else
      out.skipped.push_back({i, "no plan of it is kept that was measured"});
  }
  out.proposed = candidates_of(plans, catalog);
  out.workload = std::move(workload);
  return out;
}

}  // namespace signalbox::queries
