#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

struct Judged {
  std::string place;  // "plans.ndjson:3"
  std::string order;
  std::vector<Violation> violations;
};

Result<std::vector<Judged>> judge(const std::string& text, const std::string& file) {
  std::vector<Judged> out;
  const auto take = [&](std::string_view document, std::string place) -> Status {
    SIGNALBOX_TRY(const PlanDocument plan, read_plan_document(document, place));
    out.push_back(
        {std::move(place), plan.order.id, check_plan(plan.order, plan.boxes, plan.plan, plan.support)});
    return {};
  };
  // A whole document, or one a line.
  const auto all = lines(text);
  if (all.size() > 1 && all[0].starts_with('{') && all[0].ends_with('}')) {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!trim(all[i]).empty()) SIGNALBOX_CHECK(take(all[i], fmt::format("{}:{}", file, i + 1)));
  } else {
    SIGNALBOX_CHECK(take(text, file));
  }
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const std::vector<Judged> judged, judge(text, file));
  Report out;
  out.instrument = "pack";
  out.title = "Plans of " + printable(file);
  std::size_t bad = 0;
  for (const Judged& each : judged) {
    bad += each.violations.empty() ? 0 : 1;
    for (const Violation& violation : each.violations)
      out.findings.push_back({fmt::format("pack/{}", name_of(violation.kind)), Severity::error,
                              fmt::format("order '{}': {}", printable(each.order), violation.message),
                              Location{each.place, 0, 0}, ""});
  }
  out.verdict = bad == 0 ? Verdict::pass : Verdict::fail;
  out.summary = bad == 0
                    ? fmt::format("{} valid", judged.size() == 1 ? "the plan is"
                                                                 : counted(judged.size(), "plan") + ", all")
                    : fmt::format("{} of {} not valid", bad, counted(judged.size(), "plan"));
  out.facts.push_back({"plans", judged.size(), ""});
  out.facts.push_back({"not valid", bad, ""});
  return out;
}

}  // namespace

cli::Command verify_command() {
  cli::Command out;
  out.name = "verify";
  out.summary = "Check plans: inside, no overlap, support, turns, weight, loads, order";
  out.details =
      "Reads what `pack plan --json` prints and `pack batch -o` writes. Exit code 1 where a plan is not "
      "valid; everything that is wrong is listed.";
  out.positionals = {{"PLAN", "a plan as JSON, or one a line; - is standard input"}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
