#include <algorithm>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "instruments/profile/capture/abilities.hpp"
#include "instruments/profile/commands.hpp"

namespace signalbox::profile {
namespace {

Report doctor_report(const std::vector<Ability>& abilities) {
  Report report;
  report.instrument = "profile";
  report.title = "What can be profiled on this machine";
  utsname names{};
  if (::uname(&names) == 0) report.facts.push_back({"kernel", Json(std::string(names.release)), ""});
  for (const Ability& ability : abilities) {
    Check check;
    check.name = ability.name;
    check.verdict = ability.is_there ? Verdict::pass : ability.is_needed ? Verdict::fail : Verdict::warn;
    check.answer = ability.found;
    if (!ability.is_there) {
      check.reason = "missing";
      check.remedy = ability.remedy;
    }
    report.checks.push_back(std::move(check));
  }
  const auto missing =
      std::count_if(abilities.begin(), abilities.end(), [](const Ability& each) { return !each.is_there; });
  const bool works = std::all_of(abilities.begin(), abilities.end(),
                                 [](const Ability& each) { return each.is_there || !each.is_needed; });
  report.verdict = !works ? Verdict::fail : missing > 0 ? Verdict::warn : Verdict::pass;
  report.summary = !works        ? "programs cannot be profiled here yet"
                   : missing > 0 ? fmt::format("programs can be profiled; {} of {} abilities are missing",
                                               missing, abilities.size())
                                 : "everything works here";
  return report;
}

}  // namespace

cli::Command doctor_command() {
  cli::Command out;
  out.name = "doctor";
  out.summary = "Say what can be profiled here, and how to get the rest";
  out.details =
      "Tries each way of taking samples and says what is missing, with the command that mends it. Exit 1 "
      "where programs cannot be profiled at all.";
  out.run = [](const cli::Arguments&, cli::Context&) -> Result<cli::Outcome> {
    return doctor_report(try_abilities());
  };
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::profile
