// From "it became slow" to the statement, the reason and the remedy, step by step, with what each step rests
// on.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/plans/diagnosis.hpp"

namespace signalbox::queries {

// The last minutes and those before them, where nobody says how long, and the shortest they may be.
inline constexpr std::chrono::minutes kUsualRecent{5};
inline constexpr std::chrono::minutes kUsualBefore{30};
inline constexpr std::chrono::seconds kShortestTriaged{2};

// One statement in both spans.
struct TriagedStatement {
  KeptStatement statement;
  Counters before, after;
};

struct TriageInput {
  Span before_span, after_span;
  double seconds_before = 0, seconds_after = 0;  // that were watched
  std::vector<TriagedStatement> statements;
  std::vector<ActiveShare> waits;          // of the later span, by type
  std::vector<ActiveShare> suspect_waits;  // of the suspect alone
  ProcessorUse processor;                  // of the later span
  std::vector<PlanFlip> flips;             // of the suspect
  std::vector<Diagnosis> diagnoses;        // of its newest plan
  std::vector<BlockedSession> blocked;     // the last moment with somebody waiting
};

// The statement whose time a second grew most; nullptr where none grew.
const TriagedStatement* suspect_of(const TriageInput& input);

enum class Cause { none, plan, locks, input_output, more_work, more_calls, run_queue, processor };
std::string_view words_of(Cause cause);

struct Triage {
  Verdict verdict = Verdict::pass;  // fail: it became slow
  Cause cause = Cause::none;
  bool is_single = false;  // one statement made it, not all of them
  double active_before = 0, active_after = 0,
         active_without = 0;  // executions at the same time; without the suspect
  double mean_before = 0, mean_after = 0;
  std::vector<Check> steps;
};
Triage triage(const TriageInput& input);
Report triage_report(const Triage& triage, const TriageInput& input, const KeptServer& server);

// Asks the server's catalogue about a plan; may be empty.
using CatalogSource = std::function<Result<PlanCatalog>(const Plan&)>;
Result<TriageInput> read_triage(store::Database& database, std::int64_t server, const Span& before,
                                const Span& after, const CatalogSource& catalog = {});

}  // namespace signalbox::queries
