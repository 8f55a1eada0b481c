#include "instruments/train/boarding/risk.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"low", "medium", "high"};
constexpr std::array<std::uint64_t, 3> kChurnSteps = {50, 300, 1000};
constexpr std::array<std::uint64_t, 3> kFileSteps = {4, 16, 51};
constexpr std::uint64_t kMigrationPoints = 3;
constexpr std::uint64_t kSensitivePoints = 2;
constexpr std::uint64_t kMostRevertPoints = 2;
constexpr std::uint64_t kMediumFrom = 3;
constexpr std::uint64_t kHighFrom = 6;

// How many of the steps a value has reached.
std::uint64_t steps_of(std::uint64_t value, const std::array<std::uint64_t, 3>& steps) {
  return static_cast<std::uint64_t>(
      std::count_if(steps.begin(), steps.end(), [value](std::uint64_t step) { return value >= step; }));
}

const FileChange* first_match(const std::vector<FileChange>& files, const std::vector<std::string>& globs) {
  for (const FileChange& file : files) {
    for (const std::string& glob : globs) {
      if (glob_match(glob, file.path)) return &file;
    }
  }
  return nullptr;
}

std::uint64_t matches_of(const std::vector<FileChange>& files, const std::vector<std::string>& globs) {
  return static_cast<std::uint64_t>(std::count_if(files.begin(), files.end(), [&](const FileChange& file) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return glob_match(glob, file.path); });
  }));
}

}  // namespace

std::string_view name_of(Risk risk) {
  return kNames[static_cast<std::size_t>(risk)];
}

std::optional<Risk> risk_from(std::string_view name) {
  if (name == "med") return Risk::medium;
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Risk>(found - kNames.begin());
}

std::uint64_t ChangeFacts::churn() const {
  std::uint64_t out = 0;
  for (const FileChange& file : files) out += file.added + file.deleted;
  return out;
}

Estimate estimate_risk(const ChangeFacts& facts, const RiskPaths& paths) {
  Estimate out;
  out.files = facts.files.size();
  out.churn = facts.churn();
  out.migrations = matches_of(facts.files, paths.migrations);
  out.past_reverts = facts.past_reverts;
  const auto add = [&](std::uint64_t points, const std::string& what) {
    if (points == 0) return;
    out.points += points;
    out.reasons.push_back(fmt::format("{} ({})", what, points));
  };
  add(steps_of(out.churn, kChurnSteps), fmt::format("{} lines changed", out.churn));
  add(steps_of(out.files, kFileSteps), fmt::format("{} files", out.files));
  if (const FileChange* file = first_match(facts.files, paths.migrations))
    add(kMigrationPoints, "a migration: " + printable(file->path));
  if (const FileChange* file = first_match(facts.files, paths.sensitive))
    add(kSensitivePoints, "a sensitive path: " + printable(file->path));
  add(std::min(out.past_reverts, kMostRevertPoints),
      fmt::format("{} of the changes to these files before {} taken back", out.past_reverts,
                  out.past_reverts == 1 ? "was" : "were"));
  out.risk = out.points >= kHighFrom ? Risk::high : out.points >= kMediumFrom ? Risk::medium : Risk::low;
  return out;
}

Json to_json(const Estimate& estimate) {
  Json reasons = Json::array();
  for (const std::string& reason : estimate.reasons) reasons.push_back(reason);
  return Json::object({{"risk", name_of(estimate.risk)},
                       {"points", estimate.points},
                       {"reasons", std::move(reasons)},
                       {"files", estimate.files},
                       {"churn", estimate.churn},
                       {"migrations", estimate.migrations},
                       {"past_reverts", estimate.past_reverts}});
}

Result<Estimate> read_estimate(const Json& json) {
  PredicateFields fields(json, "predicate.estimate");
  Estimate out;
  const std::string risk = fields.text("risk");
  if (fields.is_good() && !risk_from(risk)) fields.refuse("risk", "is none of low, medium, high");
  out.risk = risk_from(risk).value_or(Risk::high);
  out.points = fields.count("points");
  out.reasons = fields.texts("reasons");
  out.files = fields.count("files");
  out.churn = fields.count("churn");
  out.migrations = fields.count("migrations");
  out.past_reverts = fields.count("past_reverts");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace signalbox::train
