#include "instruments/queries/analysis/regression.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/stats/comparisons.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

using Judgement = Compared::Judgement;

constexpr double kManyTimes = 2;  // calls a transaction, blocks a call

double mean_of(const std::vector<Block>& blocks) {
  double calls = 0, total = 0;
  for (const Block& each : blocks) {
    calls += each.calls;
    total += each.total_ms;
  }
  return calls > 0 ? total / calls : 0;
}

double blocks_a_call(const Counters& sum) {
  return sum.calls == 0 ? 0
                        : static_cast<double>(sum.shared_blks_hit + sum.shared_blks_read) /
                              static_cast<double>(sum.calls);
}

std::size_t blocks_with_calls(const std::vector<Block>& blocks) {
  return static_cast<std::size_t>(
      std::count_if(blocks.begin(), blocks.end(), [](const Block& each) { return each.calls > 0; }));
}

bool is_bad(Judgement judgement) {
  return judgement == Judgement::slower || judgement == Judgement::more_blocks ||
         judgement == Judgement::more_calls || judgement == Judgement::fresh;
}

const char* words_of(Judgement judgement) {
  constexpr const char* kWords[] = {
      "",    "faster", "slower",          "reads more blocks a call", "called more often a transaction",
      "new", "gone",   "too few to judge"};
  return kWords[static_cast<int>(judgement)];
}

class Judge {
 public:
  Judge(const ComparisonInput& input, const CompareOptions& options) : input_(input), options_(options) {}

  Comparison run() && {
    for (const ComparedStatement& each : input_.statements) out_.statements.push_back(measure(each));
    adjust();
    for (std::size_t i = 0; i < out_.statements.size(); ++i)
      out_.statements[i].judgement = judge(out_.statements[i], input_.statements[i]);
    conclude();
    std::stable_sort(out_.statements.begin(), out_.statements.end(),
                     [](const Compared& a, const Compared& b) {
                       if (is_bad(a.judgement) != is_bad(b.judgement)) return is_bad(a.judgement);
                       return a.share > b.share;
                     });
    return std::move(out_);
  }

 private:
  bool has_enough(const ComparedStatement& each) const {
    return each.sum_before.calls >= options_.least_calls && each.sum_after.calls >= options_.least_calls &&
           blocks_with_calls(each.before) >= options_.least_blocks &&
           blocks_with_calls(each.after) >= options_.least_blocks;
  }

  Compared measure(const ComparedStatement& each) const {
    Compared out;
    out.fingerprint = each.fingerprint;
    out.sql = each.sql;
    out.mean_before = mean_exec_ms(each.sum_before);
    out.mean_after = mean_exec_ms(each.sum_after);
    out.ratio = out.mean_before > 0 ? out.mean_after / out.mean_before : 1;
    out.share = input_.all_after.total_exec_ms > 0
                    ? each.sum_after.total_exec_ms / input_.all_after.total_exec_ms
                    : 0;
    const auto before = static_cast<double>(each.sum_before.calls),
               after = static_cast<double>(each.sum_after.calls);
    if (input_.seconds_before > 0) out.calls_before = before / input_.seconds_before;
    if (input_.seconds_after > 0) out.calls_after = after / input_.seconds_after;
    if (before > 0 && input_.commits_before > 0 && input_.commits_after > 0)
      out.per_commit_ratio = (after / input_.commits_after) / (before / input_.commits_before);
    if (const double blocks = blocks_a_call(each.sum_before); blocks >= 1)
      out.blocks_ratio = blocks_a_call(each.sum_after) / blocks;
    if (has_enough(each)) out.p_value = permutation_p(each.before, each.after, options_.permutations);
    return out;
  }

  void adjust() {
    std::vector<double> values;
    std::vector<std::size_t> of;
    for (std::size_t i = 0; i < out_.statements.size(); ++i) {
      if (!has_enough(input_.statements[i])) continue;
      values.push_back(out_.statements[i].p_value);
      of.push_back(i);
    }
    const auto adjusted = stats::benjamini_hochberg(values);
    for (std::size_t i = 0; i < of.size(); ++i) out_.statements[of[i]].adjusted = adjusted[i];
  }

  Judgement judge(const Compared& each, const ComparedStatement& from) const {
    if (from.sum_after.calls == 0) return Judgement::vanished;
    if (from.sum_before.calls == 0)
      return each.share >= options_.new_share ? Judgement::fresh : Judgement::same;
    if (!has_enough(from)) return each.share >= options_.least_share ? Judgement::too_few : Judgement::same;
    const bool sure = each.adjusted <= options_.fdr;
    const bool by_mean =
        each.ratio >= options_.max_mean_ratio && each.mean_after - each.mean_before >= options_.least_ms;
    const double total =
        (each.calls_after * each.mean_after) / std::max(1e-9, each.calls_before * each.mean_before);
    const bool by_total = each.ratio > 1 && total >= options_.max_total_ratio &&
                          each.share >= options_.least_share && each.ratio >= options_.max_mean_ratio;
    if (sure && (by_mean || by_total)) return Judgement::slower;
    const bool matters = each.share >= options_.least_share;
    if (matters && each.per_commit_ratio >= kManyTimes) return Judgement::more_calls;
    if (matters && each.blocks_ratio >= kManyTimes) return Judgement::more_blocks;
    return sure && each.ratio <= 1 / options_.max_mean_ratio ? Judgement::faster : Judgement::same;
  }

  void conclude() {
    const auto count = [&](auto test) {
      return static_cast<std::size_t>(std::count_if(out_.statements.begin(), out_.statements.end(), test));
    };
    const std::size_t bad = count([](const Compared& each) { return is_bad(each.judgement); });
    const std::size_t few = count([](const Compared& each) { return each.judgement == Judgement::too_few; });
    const std::size_t judged = count([](const Compared& each) {
      return each.judgement == Judgement::same || each.judgement == Judgement::faster ||
             is_bad(each.judgement);
    });
    if (bad > 0) {
      out_.verdict = Verdict::fail;
      out_.why = counted(bad, "statement") + " got worse";
    } else if (judged == 0 || few > 0 || input_.dealloc > 0) {
      out_.why = input_.dealloc > 0 ? "statements were dropped by the server for want of room"
                 : few > 0          ? counted(few, "statement") + " that matter ran too seldom to be judged"
                                    : "nothing ran on both sides";
    } else {
      out_.verdict = Verdict::pass;
      out_.why = "no statement got worse";
    }
  }

  const ComparisonInput& input_;
  const CompareOptions& options_;
  Comparison out_;
};

std::string one_line(std::string_view sql) {
  std::string out;
  for (const char c : sql.substr(0, 400)) out += c == '\n' || c == '\t' ? ' ' : c;
  return cut_to_width(printable(escape_invalid_utf8(out)), 90);
}

// A statement that did not run on a side has no mean there.
std::string mean_text(double mean) {
  return mean > 0 ? text_of_ms(mean) : "–";
}

Json json_of(const Compared& each) {
  return Json::object({{"fp", each.fingerprint},
                       {"statement", each.sql},
                       {"kind", name_of(each.judgement)},
                       {"judgement", words_of(each.judgement)},
                       {"is_bad", is_bad(each.judgement)},
                       {"mean_before_ms", each.mean_before},
                       {"mean_after_ms", each.mean_after},
                       {"ratio", each.ratio},
                       {"p", each.p_value},
                       {"p_adj", each.adjusted},
                       {"share", each.share},
                       {"calls_per_s_before", each.calls_before},
                       {"calls_per_s_after", each.calls_after},
                       {"blocks_ratio", each.blocks_ratio},
                       {"calls_per_commit_ratio", each.per_commit_ratio}});
}

}  // namespace

double permutation_p(const std::vector<Block>& before, const std::vector<Block>& after,
                     std::size_t permutations) {
  const double mean_before = mean_of(before), mean_after = mean_of(after);
  if (mean_before <= 0 || mean_after <= 0) return 1;
  const double seen = std::abs(std::log(mean_after / mean_before));
  std::vector<Block> all;
  for (const auto* side : {&before, &after}) {
    for (const Block& each : *side) {
      if (each.calls > 0) all.push_back(each);
    }
  }
  const std::size_t first = blocks_with_calls(before);
  double calls = 0, total = 0;
  for (const Block& each : all) {
    calls += each.calls;
    total += each.total_ms;
  }
  constexpr std::uint64_t kSeed = 20'260'303;
  std::mt19937_64 random(kSeed);
  std::size_t as_far = 0;
  for (std::size_t turn = 0; turn < permutations; ++turn) {
    double left_calls = 0, left_total = 0;
    for (std::size_t i = 0; i < first; ++i) {  // the first of a shuffle
      std::swap(all[i], all[i + random() % (all.size() - i)]);
      left_calls += all[i].calls;
      left_total += all[i].total_ms;
    }
    const double left = left_calls > 0 ? left_total / left_calls : 0;
    const double right = calls > left_calls ? (total - left_total) / (calls - left_calls) : 0;
    if (left <= 0 || right <= 0 || std::abs(std::log(right / left)) >= seen * (1 - 1e-12)) ++as_far;
  }
  return (static_cast<double>(as_far) + 1) / (static_cast<double>(permutations) + 1);
}

Comparison compare(const ComparisonInput& input, const CompareOptions& options) {
  return Judge(input, options).run();
}

std::string_view name_of(Judgement judgement) {
  constexpr std::string_view kNames[] = {"same",       "faster", "slower",   "more_blocks",
                                         "more_calls", "new",    "vanished", "too_few"};
  return kNames[static_cast<int>(judgement)];
}

std::string_view words_of(Verdict verdict) {
  return verdict == Verdict::pass ? "pass" : verdict == Verdict::fail ? "fail" : "inconclusive";
}

Report compare_report(const Comparison& comparison, const ComparisonInput& input, std::string before,
                      std::string after) {
  Report report;
  report.instrument = "queries";
  report.title = "Statements before and after";
  // What cannot be judged lets nothing pass.
  report.verdict = comparison.verdict == Verdict::pass ? Verdict::pass : Verdict::fail;
  report.summary = comparison.verdict == Verdict::none ? "inconclusive: " + comparison.why : comparison.why;
  report.facts = {{"before", std::move(before), ""},
                  {"after", std::move(after), ""},
                  {"calls before", input.all_before.calls, ""},
                  {"calls after", input.all_after.calls, ""}};
  Table table;
  table.title = "Statements";
  const auto right = Column::Align::right;
  table.columns = {{""},         {"ratio", right},   {"before", right}, {"after", right}, {"share", right},
                   {"p", right}, {"calls/s", right}, {"fingerprint"},   {"statement"}};
  Json list = Json::array(), regressions = Json::array();
  constexpr std::size_t kShown = 25;
  std::size_t shown = 0;
  for (const Compared& each : comparison.statements) {
    list.push_back(json_of(each));
    if (is_bad(each.judgement)) regressions.push_back(json_of(each));
    if (is_bad(each.judgement)) {
      report.findings.push_back({"queries/regression", Severity::error,
                                 fmt::format("{}: {} → {} a call, {}: {}", words_of(each.judgement),
                                             mean_text(each.mean_before), mean_text(each.mean_after),
                                             text_of_share(each.share) + " of all time", one_line(each.sql)),
                                 std::nullopt, "signalbox queries show " + each.fingerprint});
    }
    if (shown++ >= kShown) continue;
    const Tone tone = is_bad(each.judgement)                 ? Tone::bad
                      : each.judgement == Judgement::too_few ? Tone::caution
                                                             : Tone::plain;
    table.rows.push_back({Cell(words_of(each.judgement), tone),
                          each.mean_before > 0 ? fmt::format("{:.2f}", each.ratio) : "",
                          mean_text(each.mean_before), mean_text(each.mean_after), text_of_share(each.share),
                          fmt::format("{:.4f}", each.adjusted),
                          fmt::format("{:.1f} → {:.1f}", each.calls_before, each.calls_after),
                          each.fingerprint, one_line(each.sql)});
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"verdict", words_of(comparison.verdict)},
                              {"why", comparison.why},
                              {"regressions", std::move(regressions)},
                              {"statements", std::move(list)},
                              {"dealloc", input.dealloc}});
  return report;
}

}  // namespace signalbox::queries
