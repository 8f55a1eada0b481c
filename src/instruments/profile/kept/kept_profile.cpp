#include "instruments/profile/kept/kept_profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <map>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/draw/flame_tree.hpp"
#include "instruments/profile/draw/thumbnail.hpp"
#include "instruments/profile/exchange/profiled_app.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kNanosecondsInMillisecond = 1'000'000;
constexpr std::size_t kMaxTextBytes = 2'000;  // of what a profile says of itself

// Text that every store takes, and that no terminal obeys.
std::string line_of(std::string_view text, std::size_t most) {
  return printable(escape_invalid_utf8(text.substr(0, most)));
}

// What a profile says under the first of these names, else what was said beside it.
std::string said(const Profile& profile, const KeptLabels& labels,
                 std::initializer_list<std::string_view> names) {
  std::string found;
  for (const std::string_view name : names) {
    if (const auto text = annotation(profile.annotations, name); text && found.empty()) found = *text;
  }
  for (const std::string_view name : names) {
    if (const auto text = annotation(labels, name); text && found.empty()) found = *text;
  }
  return line_of(found, kMaxTextBytes);
}

std::optional<double> part(const Profile& profile, std::string_view key) {
  const auto text = annotation(profile.annotations, key);
  if (!text || text->empty()) return std::nullopt;
  const std::string digits(*text);
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> overhead_of(const Profile& profile) {
  const auto stolen = part(profile, annotation_key::kOverheadStolen);
  const auto beside = part(profile, annotation_key::kOverheadBeside);
  if (!stolen && !beside) return std::nullopt;
  return stolen.value_or(0) + beside.value_or(0);
}

Status check_text(std::string_view what, std::string_view text, std::size_t most) {
  const bool is_one_line = std::none_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (text.size() <= most && is_one_line && is_utf8(text)) return {};
  return fail(ErrorKind::bad_input, fmt::format("{}: is no line of text of at most {} bytes", what, most));
}

Status check(const Giving& giving) {
  SIGNALBOX_CHECK(check_text("service", giving.service, kMaxServiceBytes));
  if (giving.labels.size() > kMaxLabels)
    return fail(ErrorKind::bad_input, fmt::format("more than {} labels", kMaxLabels));
  for (const auto& [name, value] : giving.labels) {
    SIGNALBOX_CHECK(check_text("a label's name", name, kMaxLabelBytes));
    SIGNALBOX_CHECK(check_text("a label", value, kMaxLabelBytes));
  }
  return {};
}

// The process that most was measured in; empty where processes have no names.
std::string heaviest_process(const Profile& profile) {
  std::map<std::string_view, double> sums;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const std::string_view name = profile.text(profile.threads[profile.samples[i].thread].process);
    if (!name.empty()) sums[name] += static_cast<double>(profile.values_of(i)[profile.default_value]);
  }
  const auto most = std::max_element(sums.begin(), sums.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == sums.end() ? std::string() : line_of(most->first, kMaxServiceBytes);
}

std::string service_of(const Profile& profile, const Giving& giving) {
  if (!giving.service.empty()) return giving.service;
  std::string told = said(profile, giving.labels, {"service", "service.name", "service_name"});
  if (told.empty()) told = heaviest_process(profile);
  if (told.empty()) told = profiled_app(profile);
  return told.empty() ? "unknown" : line_of(told, kMaxServiceBytes);
}

// A commit is compared as it is written: other cases, and words, are none.
std::string commit_of(const Profile& profile, const KeptLabels& labels) {
  std::string text = to_lower(
      said(profile, labels, {annotation_key::kGitCommit, "git_commit", "commit", "service_git_ref"}));
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool is_commit =
      text.size() >= 7 && text.size() <= 64 && text.find_first_not_of(kHex) == std::string::npos;
  return is_commit ? text : std::string();
}

Time taken_at(const Profile& profile, const Giving& giving, Time now) {
  if (profile.start_unix_ns > 0) return Time(Duration(profile.start_unix_ns / kNanosecondsInMillisecond));
  return giving.taken.value_or(now);
}

}  // namespace

Result<KeptProfile> describe(const ImportedProfile& imported, std::string_view octets, const Giving& giving,
                             Time now) {
  SIGNALBOX_CHECK(check(giving));
  const Profile& profile = imported.profile;
  if (profile.samples.empty() || profile.value_types.empty())
    return fail(ErrorKind::bad_input, "the profile has no samples", "there is nothing to keep");
  const FlameTree tree = make_flame_tree(profile);
  KeptProfile out;
  out.id = to_hex(sha256(octets));
  out.format = name_of(imported.format);
  out.bytes = static_cast<std::int64_t>(octets.size());
  out.service = service_of(profile, giving);
  out.commit = commit_of(profile, giving.labels);
  out.branch = said(profile, giving.labels, {annotation_key::kGitBranch, "git_branch", "branch"});
  out.host = said(profile, giving.labels, {annotation_key::kHost, "host.name", "hostname", "instance"});
  out.mode = said(profile, {}, {annotation_key::kMode});
  out.command = said(profile, {}, {annotation_key::kCommand});
  out.labels = giving.labels;
  out.taken = taken_at(profile, giving, now);
  out.duration_ms = std::max<std::int64_t>(profile.duration_ns, 0) / kNanosecondsInMillisecond;
  out.type = line_of(tree.value.type, kMaxTextBytes);
  out.unit = line_of(tree.value.unit, kMaxTextBytes);
  out.total = tree.total();
  out.samples = tree.samples();
  out.overhead = overhead_of(profile);
  out.kept = now;
  out.kept_by = giving.by;
  out.thumbnail = thumbnail_json(tree);
  return out;
}

Json labels_json(const KeptLabels& labels) {
  Json out = Json::object();
  for (const auto& [name, value] : labels) out.set(name, value);
  return out;
}

KeptLabels labels_from(const Json& json) {
  KeptLabels out;
  for (const auto& [name, value] : json.members()) out.emplace_back(name, value.as_string());
  return out;
}

Json to_json(const KeptProfile& kept) {
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  return Json::object({{"id", kept.id},
                       {"service", kept.service},
                       {"commit", text(kept.commit)},
                       {"branch", text(kept.branch)},
                       {"host", text(kept.host)},
                       {"mode", text(kept.mode)},
                       {"command", text(kept.command)},
                       {"labels", labels_json(kept.labels)},
                       {"taken", to_rfc3339(kept.taken)},
                       {"duration_ms", kept.duration_ms},
                       {"value", Json::object({{"type", kept.type}, {"unit", kept.unit}})},
                       {"total", kept.total},
                       {"samples", kept.samples},
                       {"overhead", kept.overhead ? Json(*kept.overhead) : Json()},
                       {"format", kept.format},
                       {"bytes", kept.bytes},
                       {"kept", to_rfc3339(kept.kept)},
                       {"kept_by", text(kept.kept_by)}});
}

}  // namespace signalbox::profile
