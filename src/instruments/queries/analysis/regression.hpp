// Did statements become slower from one span of time to another?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

struct CompareOptions {
  double max_mean_ratio = 1.2;
  double max_total_ratio = 1.3;
  double least_ms = 0.5;       // a mean that grew by less is none of a regression
  double least_share = 0.005;  // of all time of the candidate
  double new_share = 0.01;     // from which on a new statement is told
  std::int64_t least_calls = 30;
  std::size_t least_blocks = 10;
  double fdr = 0.05;  // Benjamini and Hochberg's q
  std::size_t permutations = 10'000;
};

// What one statement did in a block of time.
struct Block {
  double calls = 0;
  double total_ms = 0;
  double blocks = 0;  // of shared buffers, found and read
};

// One statement, by its fingerprint, on both sides.
struct ComparedStatement {
  std::string fingerprint, sql;
  std::vector<Block> before, after;
  Counters sum_before, sum_after;
  std::string plan_before, plan_after;  // shapes; empty: none was seen
};

struct ComparisonInput {
  std::vector<ComparedStatement> statements;
  Counters all_before, all_after;
  double seconds_before = 0, seconds_after = 0;  // that were watched
  double commits_before = 0, commits_after = 0;  // transactions; 0: not known
  std::int64_t dealloc = 0;
};

struct Compared {
  enum class Judgement {
    same,
    faster,
    slower,
    more_blocks,
    more_calls,
    fresh,
    vanished,
    too_few
  } judgement = Judgement::same;
  std::string fingerprint, sql;
  double mean_before = 0, mean_after = 0, ratio = 1;
  double p_value = 1, adjusted = 1;          // of the means' being the same
  double share = 0;                          // of the candidate's time
  double calls_before = 0, calls_after = 0;  // a second
  double per_commit_ratio = 0;               // calls a transaction, after by before; 0: not known
  double blocks_ratio = 0;                   // shared blocks a call, after by before; 0: too few
};

struct Comparison {
  std::vector<Compared> statements;  // the worst first
  Verdict verdict = Verdict::none;   // pass, fail; none: inconclusive, which is no pass
  std::string why;                   // in words
};

// The statistic is the logarithm of the ratio of the call-weighted means; its chance is that of all ways to
// deal the blocks to the two sides (10,000 of them, by a fixed seed), adjusted by Benjamini and Hochberg.
// Slower is what is surely slower, by the ratio and by half a millisecond, or takes more of all time by its
// ratio and share.
Comparison compare(const ComparisonInput& input, const CompareOptions& options);
// In one word, as evidence has it: "slower", "more_blocks"; "pass", "fail", "inconclusive".
std::string_view name_of(Compared::Judgement judgement);
std::string_view words_of(Verdict verdict);
Report compare_report(const Comparison& comparison, const ComparisonInput& input, std::string before,
                      std::string after);

// The chance of a log ratio of means at least so far from 0, two-sided, where sides are dealt at random.
double permutation_p(const std::vector<Block>& before, const std::vector<Block>& after,
                     std::size_t permutations);

}  // namespace signalbox::queries
