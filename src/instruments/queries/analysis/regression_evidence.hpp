// What a comparison leaves as evidence: https://signalbox.dev/queries/regression/v1.
#pragma once

#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/stats/intervals.hpp"
#include "instruments/queries/analysis/compared_side.hpp"

namespace signalbox::queries {

inline constexpr std::string_view kRegressionPredicate = "https://signalbox.dev/queries/regression/v1";

// `coverage` says how far it can be trusted: the part of both spans that was watched (the smaller one), the
// part of the candidate's time that is of statements with a plan on both sides, and how often the server
// dropped statements. No text of a statement is in it.
Json regression_predicate(const Comparison& comparison, const ComparisonInput& input,
                          const ComparedSide& before, const ComparedSide& after,
                          const CompareOptions& options);

// 95 % of the ratio of the call-weighted means, after by before: percentiles of 2,000 bootstraps of the
// blocks by a fixed seed (Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13). 0 and 0
// where a side has no calls.
stats::Interval ratio_interval(const std::vector<Block>& before, const std::vector<Block>& after);

}  // namespace signalbox::queries
