#include "instruments/train/schedule/first_section.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr std::string_view kCadence = R"(train:
  # What judges is read from the last release: this section does from the next one on.

  # How often trains leave{}. `signalbox train advise` compares cadences by the past.
  cadence:
    preset: {}
    timezone: UTC                # Europe/Berlin: departures keep their time on the wall
    # from: 2026-03-03T10:00     # the first departure; without it they are on Tuesdays at 10:00
)";

constexpr std::string_view kOwners =
    "    # owners: {release: ada}     # of milestones: signalbox train calendar\n";

constexpr std::string_view kBoarding = R"(
  # Who may come aboard.
  boarding:
    max_high_risk: 2             # aboard one train
    lock_before: 72h             # the departure: then the scope is locked
)";

constexpr std::string_view kNoChangelog = R"(
  # There is no CHANGELOG.md: `signalbox train notes --prepend CHANGELOG.md` makes one.
  # changelog: false             # or none is asked for
)";

constexpr std::string_view kTestsGate = R"(
  # What is asked before a train leaves, instead of the built-in gate `tests`.
  # gates:
  #   - name: tests
  #     type: evidence/tests/v1
  #     max_age: 7d
  #     require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0) and eq(.predicate.errors; 0)
  #     remedy: signalbox evidence add junit results.xml --subject git:HEAD
  #     weight: 30
)";

constexpr std::string_view kPeople = R"(  #   - name: sign-off
  #     kind: approval
  #     role: sre
  #     not: [author, requester]

  # Who people are to git, and their roles. A key: signalbox evidence key new ada --role approver
  # approvals:
  #   people:
  #     ada: [ada@example.org]
  #   roles:
  #     sre: [ada]

  # Each recorded decision as SLSA's verification summary (vsa) or in-toto's simple result (svr) too, for tools
  # that read those.
  # summaries: [vsa]

  # How traffic moves: noop moves none; nginx, haproxy, kubernetes, webhook and command do.
  # driver: {kind: noop}
  # canary:
  #   baseline: 60m
  #   announce: 30m
  #   initial: 5
  #   hold: 15m
  #   steps: [25, 50]
)";

std::string history_text(const Survey& survey) {
  if (survey.releases == 0) return {};
  return fmt::format(": {} so far, the last is {}", counted(survey.releases, "release"),
                     printable(survey.last_release));
}

std::string packages_text(const std::vector<std::string>& folders) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const std::string& folder : folders) {
    std::string name = std::filesystem::path(folder).filename().string();
    const bool is_known =
        std::any_of(named.begin(), named.end(), [&](const auto& one) { return one.first == name; });
    if (!is_known) named.emplace_back(std::move(name), folder);
  }
  if (named.size() < 2) return {};
  std::string out =
      "\n  # With --package a commit is a package's where it touches its folder.\n  packages:\n";
  for (const auto& [name, folder] : named)
    out += fmt::format("    {}: {}\n", Json(name).dump(), Json(folder).dump());
  return out;
}

std::string ci_gate(const Survey& survey) {
  if (survey.jobs.empty()) return {};
  std::vector<std::string> jobs;
  std::transform(survey.jobs.begin(), survey.jobs.end(), std::back_inserter(jobs),
                 [](const std::string& job) { return Json(job).dump(); });
  std::string out =
      fmt::format("  #   - name: ci                  # jobs of {}\n  #     kind: ci\n", survey.ci_file);
  const bool is_workflow = survey.ci_file.starts_with(".github/");
  if (is_workflow && !survey.github.empty())
    out += fmt::format("  #     source: github\n  #     repository: {}\n", survey.github);
  return out + fmt::format("  #     jobs: [{}]\n", join(jobs, ", "));
}

}  // namespace

std::string first_section(const Survey& survey, std::string_view cadence) {
  std::string out = fmt::format(kCadence, history_text(survey), cadence);
  if (cadence != "continuous") out += kOwners;  // which has no milestones
  out += packages_text(survey.packages);
  out += kBoarding;
  if (!survey.has_changelog) out += kNoChangelog;
  out += kTestsGate;
  out += ci_gate(survey);
  out += kPeople;
  return out;
}

}  // namespace signalbox::train::schedule
