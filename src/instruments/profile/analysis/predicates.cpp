#include "instruments/profile/analysis/predicates.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/digest.hpp"
#include "instruments/profile/analysis/check_json.hpp"
#include "instruments/profile/analysis/comparable.hpp"
#include "instruments/profile/analysis/top.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;

std::optional<double> number_of(std::optional<std::string_view> text) {
  if (!text || text->empty()) return std::nullopt;
  const std::string digits(*text);
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

// A whole number as an integer, which is how canonical JSON has it.
Json json_of(std::optional<double> number) {
  if (!number) return {};
  if (*number == std::floor(*number) && std::abs(*number) < static_cast<double>(kLargestExact))
    return Json(static_cast<std::int64_t>(*number));
  return Json(*number);
}

Json text_json(const Profile& profile, std::string_view key) {
  const auto text = annotation(profile.annotations, key);
  return text ? Json(*text) : Json();
}

Json number_json(const Profile& profile, std::string_view key) {
  return json_of(number_of(annotation(profile.annotations, key)));
}

// "99 Hz" → "99".
std::optional<std::string_view> rate_of(const Profile& profile) {
  const auto rate = annotation(profile.annotations, annotation_key::kRate);
  if (!rate) return rate;
  return rate->substr(0, rate->find(' '));
}

Json git_json(const Profile& profile) {
  const auto dirty = annotation(profile.annotations, annotation_key::kGitDirty);
  return Json::object({{"commit", text_json(profile, annotation_key::kGitCommit)},
                       {"branch", text_json(profile, annotation_key::kGitBranch)},
                       {"dirty", dirty ? Json(*dirty == "yes") : Json()}});
}

// Column of the CPU time, or what is drawn by default.
std::size_t column_of_costs(const Profile& profile) {
  const std::size_t cpu = find_value(profile, "cpu");
  return cpu < profile.value_types.size() ? cpu : profile.default_value;
}

Json top_json(const Profile& profile) {
  Json out = Json::array();
  if (profile.value_types.empty()) return out;
  const std::size_t value = column_of_costs(profile);
  const Top table = top(profile, {.value = value});
  for (const TopRow& row : table.rows) {
    if (out.size() == kTopOfPredicate) break;
    const stats::Interval& interval = row.self_share.interval;
    out.push_back(Json::object({{"function", row.function.name},
                                {"module", row.function.module},
                                {"self_ns", row.self[value]},
                                {"cum_ns", row.cumulative[value]},
                                {"ci", Json(Json::Array{interval.lower, interval.upper})}}));
  }
  return out;
}

Json cpu_json(const Profile& profile) {
  const std::size_t cpu = find_value(profile, "cpu");
  if (cpu == profile.value_types.size() || profile.value_types[cpu].unit != "nanoseconds") return {};
  return profile.total(cpu);
}

bool is_said(const Profile& profile, StackId stack, std::string_view words) {
  for (StackId at = stack; at != 0; at = profile.stacks[at].parent) {
    const Frame& frame = profile.frames[profile.stacks[at].frame];
    if (frame.kind == FrameKind::synthetic &&
        profile.text(profile.functions[frame.function].name).starts_with(words))
      return true;
  }
  return false;
}

bool has_name(const Profile& profile, StackId stack) {
  const Frame& frame = profile.frames[profile.stacks[stack].frame];
  return !profile.text(profile.functions[frame.function].name).empty();
}

Json regressions_json(const CheckResult& result) {
  Json out = Json::array();
  const auto add = [&](const CostTest& test) {
    if (test.verdict == CostVerdict::regressed && out.size() < kRegressionsOfPredicate)
      out.push_back(to_json(test));
  };
  if (result.total) add(*result.total);
  for (const CostTest& test : result.tests) add(test);
  return out;
}

Json over_budget_json(const CheckResult& result) {
  Json out = Json::array();
  for (const BudgetTest& test : result.budgets) {
    if (test.verdict == Verdict::fail) out.push_back(to_json(test));
  }
  return out;
}

}  // namespace

std::optional<double> work_units(const Profile& profile) {
  const auto work = number_of(annotation(profile.annotations, annotation_key::kWorkUnits));
  return work && *work > 0 ? work : std::nullopt;
}

SampleHealth sample_health(const Profile& profile) {
  const auto counts = std::find_if(profile.value_types.begin(), profile.value_types.end(),
                                   [](const ValueType& type) { return type.unit == "count"; });
  const auto column = static_cast<std::size_t>(counts - profile.value_types.begin());
  SampleHealth out;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const std::int64_t count = counts == profile.value_types.end() ? 1 : profile.values_of(i)[column];
    const StackId stack = profile.samples[i].stack;
    out.samples += count;
    if (is_said(profile, stack, "[lost")) {
      out.lost += count;
    } else if (is_said(profile, stack, "[truncated")) {
      out.truncated += count;
    }
    if (!has_name(profile, stack)) out.unsymbolized += count;
  }
  return out;
}

Json run_predicate(const Profile& profile) {
  using namespace annotation_key;
  const SampleHealth health = sample_health(profile);
  return Json::object({{"mode", text_json(profile, kMode)},
                       {"event", text_json(profile, kEvent)},
                       {"rate_hz", json_of(number_of(rate_of(profile)))},
                       {"duration_ns", profile.duration_ns > 0 ? Json(profile.duration_ns) : Json()},
                       {"rung", text_json(profile, kSampler)},
                       {"samples", health.samples},
                       {"lost", health.lost},
                       {"truncated", health.truncated},
                       {"unsymbolized", health.unsymbolized},
                       {"cpu_ns", cpu_json(profile)},
                       {"work_units", json_of(work_units(profile))},
                       {"overhead", Json::object({{"stolen", number_json(profile, kOverheadStolen)},
                                                  {"beside", number_json(profile, kOverheadBeside)}})},
                       {"kernel", text_json(profile, kKernel)},
                       {"host", text_json(profile, kHost)},
                       {"git", git_json(profile)},
                       {"argv_masked", text_json(profile, kCommand)},
                       {"top", top_json(profile)}});
}

Json regression_predicate(const Profile& candidate, const CheckResult& result, std::string_view base_digest) {
  Json out = run_predicate(candidate);
  Json policy;
  if (!result.policy.is_null()) policy = to_hex(sha256(result.policy.canonical()));
  out.set("check", Json::object({{"base_digest", base_digest},
                                 {"verdict", verdict_name(result)},
                                 {"q", result.q},
                                 {"basis", result.basis == CheckBasis::work ? "work" : "composition"},
                                 {"method", result.method == CheckMethod::welch ? "welch" : "pooled"},
                                 {"base_runs", result.base_runs},
                                 {"new_runs", result.fresh_runs},
                                 {"total", result.total ? to_json(*result.total) : Json()},
                                 {"regressions", regressions_json(result)},
                                 {"over_budget", over_budget_json(result)},
                                 {"policy_digest", std::move(policy)}}));
  return out;
}

std::vector<ProfiledBinary> profiled_binaries(const Profile& profile) {
  std::vector<ProfiledBinary> out;
  for (const Mapping& mapping : profile.mappings) {
    const std::string_view path = profile.text(mapping.path);
    if (path.empty() || path.front() == '[') continue;
    ProfiledBinary binary{std::string(path.substr(path.rfind('/') + 1)), std::string(path),
                          std::string(profile.text(mapping.build_id))};
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const ProfiledBinary& other) {
      return other.path == binary.path && other.build_id == binary.build_id;
    });
    if (!is_known) out.push_back(std::move(binary));
  }
  return out;
}

std::vector<evidence::Subject> subjects_of(const Profile& profile, std::string_view artifact_name,
                                           std::string_view artifact_sha256) {
  std::vector<evidence::Subject> out = {
      {std::string(artifact_name), {{"sha256", std::string(artifact_sha256)}}}};
  for (const ProfiledBinary& binary : profiled_binaries(profile)) {
    if (!binary.build_id.empty()) out.push_back({binary.name, {{"gnuBuildId", binary.build_id}}});
  }
  return out;
}

}  // namespace signalbox::profile
