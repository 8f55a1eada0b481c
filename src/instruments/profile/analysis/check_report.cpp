#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/analysis/check_json.hpp"
#include "instruments/profile/analysis/value_text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kNameColumnsMax = 100;  // of a drawn name; `data` has it whole
constexpr std::string_view kRule = "profile/regression";

// Words for the costs of one check.
class Words {
 public:
  explicit Words(const CheckResult& result) : result_(result) {}

  std::string cost(double value) const {
    return is_share() ? percent_text(value) : value_text(value, result_.type.unit);
  }
  std::string rise(double value) const {
    return is_share() ? signed_percent_text(value) : signed_value_text(value, result_.type.unit);
  }
  std::string unit() const {
    return is_share() ? std::string("of all samples") : result_.type.type + " per unit of work";
  }
  bool is_share() const { return result_.basis == CheckBasis::composition; }

  // "json::parse: self cost +12.3 % (410 µs → 460 µs cpu per unit of work; 95 % +30 µs … +70 µs)"
  std::string change(const CostTest& test) const {
    const std::string relative = test.base > 0 ? signed_percent_text(test.relative()) : std::string("is new");
    const std::string subject = test.kind == CostKind::total
                                    ? std::string("total")
                                    : fmt::format("{}: {} cost", name(test), name_of(test.kind));
    return fmt::format("{} {} ({} → {} {}; 95 % {} … {})", subject, relative, cost(test.base),
                       cost(test.fresh), unit(), rise(test.difference.lower), rise(test.difference.upper));
  }

  static std::string name(const CostTest& test) {
    if (test.kind == CostKind::total) return "total";
    const std::string function = cut_to_width(test.function.name, kNameColumnsMax);
    return test.function.module.empty() ? function : fmt::format("{} ({})", function, test.function.module);
  }

 private:
  const CheckResult& result_;
};

std::vector<const CostTest*> with_verdict(const CheckResult& result, CostVerdict verdict) {
  std::vector<const CostTest*> out;
  if (result.total && result.total->verdict == verdict) out.push_back(&*result.total);
  for (const CostTest& test : result.tests) {
    if (test.verdict == verdict) out.push_back(&test);
  }
  return out;
}

std::string summary_of(const CheckResult& result, const Words& words) {
  const std::string note = words.is_share() ? "; composition only" : "";
  std::vector<const CostTest*> regressed = with_verdict(result, CostVerdict::regressed);
  // A function says more than the total.
  std::stable_sort(regressed.begin(), regressed.end(), [](const CostTest* a, const CostTest* b) {
    return (a->kind == CostKind::total) < (b->kind == CostKind::total);
  });
  if (!regressed.empty()) {
    const std::string more =
        regressed.size() > 1 ? fmt::format(", and {} more", regressed.size() - 1) : std::string();
    return fmt::format("regressed: {}{}{}", words.change(*regressed.front()), more, note);
  }
  const auto over = std::count_if(result.budgets.begin(), result.budgets.end(),
                                  [](const BudgetTest& test) { return test.verdict == Verdict::fail; });
  if (over > 0)
    return fmt::format("over budget: {}{}", counted(static_cast<std::uint64_t>(over), "limit"), note);
  return fmt::format("no regression in {}{}", counted(result.tests.size(), "test"), note);
}

Check functions_check(const CheckResult& result, const Words& words) {
  const std::vector<const CostTest*> regressed = with_verdict(result, CostVerdict::regressed);
  const auto functions = std::count_if(regressed.begin(), regressed.end(),
                                       [](const CostTest* test) { return test->kind != CostKind::total; });
  Check out;
  out.name = "functions";
  out.verdict = functions > 0 ? Verdict::fail : Verdict::pass;
  out.asked = fmt::format("no function rose by {} and by {} of the total, false alarms at most {}",
                          percent_text(result.floor.relative), percent_text(result.floor.of_total),
                          percent_text(result.q));
  out.answer = fmt::format("{} of {} rose", functions, counted(result.tests.size(), "test"));
  if (functions > 0) {
    const CostTest& first = **std::find_if(regressed.begin(), regressed.end(), [](const CostTest* test) {
      return test->kind != CostKind::total;
    });
    out.answer += ": " + words.change(first);
    out.reason = "regressed";
    out.remedy = "signalbox profile diff BASE NEW";
    out.owner = first.owner;
  }
  return out;
}

Check total_check(const CheckResult& result, const Words& words) {
  Check out;
  out.name = "total";
  out.verdict = result.total->verdict == CostVerdict::regressed ? Verdict::fail : Verdict::pass;
  out.asked = fmt::format("{} did not rise by {}", words.unit(), percent_text(result.floor.relative));
  out.answer = words.change(*result.total);
  if (out.verdict == Verdict::fail) {
    out.reason = "regressed";
    out.remedy = "signalbox profile diff BASE NEW";
  }
  return out;
}

Check budget_check(const CheckResult& result, const BudgetTest& test) {
  const auto text = [&](double value) {
    return test.is_share ? percent_text(value) : value_text(value, result.type.unit);
  };
  Check out;
  out.name = test.functions.empty() ? "budget of the total" : "budget of " + test.functions;
  out.verdict = test.verdict;
  out.asked = fmt::format("at most {}", text(test.limit));
  out.answer = fmt::format("{} (95 % {} … {})", text(test.measured), text(test.interval.lower),
                           text(test.interval.upper));
  out.owner = test.owner;
  if (test.verdict != Verdict::pass) {
    out.reason = test.verdict == Verdict::fail ? "over-budget" : "unsure";
    out.remedy = test.verdict == Verdict::fail ? "make it cheaper, or raise the budget in signalbox.yaml"
                                               : "more runs tell whether it is over";
  }
  return out;
}

Table tests_table(const CheckResult& result, const Words& words, std::size_t rows_max) {
  constexpr auto kRight = Column::Align::right;
  Table table;
  table.title = "Functions";
  table.columns = {{"verdict"},   {"function"},  {"cost"},           {"base", kRight}, {"new", kRight},
                   {"%", kRight}, {"q", kRight}, {"95 % of change"}, {"owner"}};
  for (std::size_t i = 0; i < std::min(rows_max, result.tests.size()); ++i) {
    const CostTest& test = result.tests[i];
    const Tone tone = test.verdict == CostVerdict::regressed  ? Tone::bad
                      : test.verdict == CostVerdict::improved ? Tone::good
                      : test.verdict == CostVerdict::allowed  ? Tone::caution
                                                              : Tone::quiet;
    table.rows.push_back(
        {{std::string(name_of(test.verdict)), tone},
         {Words::name(test)},
         {std::string(name_of(test.kind)), Tone::quiet},
         {words.cost(test.base)},
         {words.cost(test.fresh)},
         {test.base > 0 ? signed_percent_text(test.relative()) : "new", tone},
         {fmt::format("{:.2g}", test.q_value)},
         {fmt::format("{} … {}", words.rise(test.difference.lower), words.rise(test.difference.upper)),
          Tone::quiet},
         {test.owner}});
  }
  if (result.tests.size() > rows_max) {
    std::vector<Cell> rest(table.columns.size());
    rest[1] = Cell(fmt::format("… and {} more", result.tests.size() - rows_max), Tone::quiet);
    table.rows.push_back(std::move(rest));
  }
  return table;
}

std::string method_text(const CheckResult& result) {
  if (result.method == CheckMethod::welch)
    return fmt::format("Welch's t on the means of {} and {} runs", result.base_runs, result.fresh_runs);
  return fmt::format("z test on samples of {} and {}: noise between runs is not in it",
                     counted(result.base_runs, "run"), result.fresh_runs);
}

void add_findings(const CheckResult& result, const Words& words, Report& report) {
  for (const CostTest* test : with_verdict(result, CostVerdict::regressed)) {
    std::string message = words.change(*test);
    if (!test->owner.empty()) message += fmt::format("; {} answers for it", test->owner);
    report.findings.push_back({std::string(kRule), Severity::error, std::move(message), std::nullopt,
                               "signalbox profile diff BASE NEW"});
  }
  for (const CostTest* test : with_verdict(result, CostVerdict::allowed))
    report.findings.push_back({"profile/allowed", Severity::note,
                               words.change(*test) + "; the allow list has it", std::nullopt, ""});
  if (words.is_share()) {
    report.findings.push_back({"profile/composition-only", Severity::warning,
                               "composition only: shares cannot show that everything became slower alike",
                               std::nullopt, "--work N says how many units of work each run did"});
  }
  if (result.method == CheckMethod::pooled) {
    report.findings.push_back(
        {"profile/few-runs", Severity::warning,
         fmt::format("fewer than {} runs on a side: noise between runs is not known", kRunsForWelch),
         std::nullopt, "record each side three times or more"});
  }
}

}  // namespace

Report check_report(const CheckResult& result, std::size_t rows_max) {
  const Words words(result);
  Report report;
  report.instrument = "profile";
  report.title = fmt::format("Regression check: {} beside {}", counted(result.fresh_runs, "run"),
                             counted(result.base_runs, "run of the base", "runs of the base"));
  report.verdict = result.has_regressed() ? Verdict::fail : Verdict::pass;
  report.summary = summary_of(result, words);
  report.checks.push_back(functions_check(result, words));
  if (result.total) report.checks.push_back(total_check(result, words));
  for (const BudgetTest& test : result.budgets) report.checks.push_back(budget_check(result, test));
  add_findings(result, words, report);
  report.facts = {{"compared in", words.unit(), ""}, {"method", method_text(result), ""}};
  if (result.detectable) {
    report.facts.push_back(
        {"would have been seen",
         fmt::format("a rise of the total by {}, four times in five", percent_text(*result.detectable)), ""});
  }
  report.tables = {tests_table(result, words, rows_max)};
  report.data = to_json(result);
  return report;
}

}  // namespace signalbox::profile
