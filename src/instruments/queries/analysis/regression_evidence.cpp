#include "instruments/queries/analysis/regression_evidence.hpp"

#include <algorithm>
#include <random>

#include "core/base/version.hpp"

namespace signalbox::queries {
namespace {

using Judgement = Compared::Judgement;

constexpr std::size_t kBootstraps = 2'000;
constexpr std::uint64_t kSeed = 20'260'304;

double mean_of_drawn(const std::vector<Block>& blocks, std::mt19937_64& random) {
  double calls = 0, total = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& each = blocks[random() % blocks.size()];
    calls += each.calls;
    total += each.total_ms;
  }
  return calls > 0 ? total / calls : 0;
}

Json json_of(const ComparedSide& side) {
  return Json::object({{"window", Json::object({{"since", to_rfc3339(side.span.since)},
                                                {"until", to_rfc3339(side.span.until)}})},
                       {"server", side.server},
                       {"seconds", side.seconds},
                       {"calls", side.all.calls},
                       {"blocks", blocks_of(side)}});
}

Json json_of(const Compared& each, const ComparedStatement& from) {
  const stats::Interval interval = ratio_interval(from.before, from.after);
  const auto shape = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  return Json::object(
      {{"fp", each.fingerprint},
       {"why", name_of(each.judgement)},
       {"n", Json::object({{"before", from.sum_before.calls}, {"after", from.sum_after.calls}})},
       {"mean_ms", Json::object({{"before", each.mean_before}, {"after", each.mean_after}})},
       {"ratio", each.ratio},
       {"ci95", Json(Json::Array{interval.lower, interval.upper})},
       {"p_adj", each.adjusted},
       {"share", each.share},
       {"blocks_ratio", each.blocks_ratio},
       {"plan_before", shape(from.plan_before)},
       {"plan_after", shape(from.plan_after)}});
}

}  // namespace

stats::Interval ratio_interval(const std::vector<Block>& before, const std::vector<Block>& after) {
  std::mt19937_64 random(kSeed);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < kBootstraps && !before.empty() && !after.empty(); ++i) {
    const double from = mean_of_drawn(before, random), to = mean_of_drawn(after, random);
    if (from > 0 && to > 0) ratios.push_back(to / from);
  }
  if (ratios.empty()) return {};
  std::sort(ratios.begin(), ratios.end());
  return {ratios[ratios.size() * 25 / 1'000], ratios[ratios.size() * 975 / 1'000]};
}

Json regression_predicate(const Comparison& comparison, const ComparisonInput& input,
                          const ComparedSide& before, const ComparedSide& after,
                          const CompareOptions& options) {
  std::map<std::string_view, const ComparedStatement*> from;
  for (const ComparedStatement& each : input.statements) from[each.fingerprint] = &each;
  Json regressions = Json::array(), fresh = Json::array(), more_calls = Json::array();
  double with_plans = 0;
  for (const Compared& each : comparison.statements) {
    const ComparedStatement& statement = *from.at(each.fingerprint);
    if (!statement.plan_before.empty() && !statement.plan_after.empty())
      with_plans += statement.sum_after.total_exec_ms;
    if (each.judgement == Judgement::slower || each.judgement == Judgement::more_blocks) {
      regressions.push_back(json_of(each, statement));
    } else if (each.judgement == Judgement::fresh) {
      fresh.push_back(Json::object({{"fp", each.fingerprint},
                                    {"calls", statement.sum_after.calls},
                                    {"mean_ms", each.mean_after},
                                    {"share", each.share}}));
    } else if (each.judgement == Judgement::more_calls) {
      more_calls.push_back(Json::object({{"fp", each.fingerprint},
                                         {"calls_per_commit_ratio", each.per_commit_ratio},
                                         {"share", each.share}}));
    }
  }
  const double all = input.all_after.total_exec_ms;
  return Json::object(
      {{"verdict", words_of(comparison.verdict)},
       {"why", comparison.why},
       {"baseline", json_of(before)},
       {"candidate", json_of(after)},
       {"regressions", std::move(regressions)},
       {"new_queries", std::move(fresh)},
       {"n_plus_one", std::move(more_calls)},
       {"coverage", Json::object({{"stats", std::min(watched_share(before), watched_share(after))},
                                  {"plans", all > 0 ? with_plans / all : 0},
                                  {"dealloc", input.dealloc}})},
       {"thresholds", Json::object({{"max_mean_ratio", options.max_mean_ratio},
                                    {"max_total_ratio", options.max_total_ratio},
                                    {"least_ms", options.least_ms},
                                    {"min_calls", options.least_calls},
                                    {"min_blocks", options.least_blocks},
                                    {"min_share", options.least_share},
                                    {"new_share", options.new_share},
                                    {"fdr", options.fdr}})},
       {"tool", "signalbox " + std::string(version())}});
}

}  // namespace signalbox::queries
