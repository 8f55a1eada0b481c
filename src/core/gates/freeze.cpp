#include "core/gates/freeze.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/zone_node.hpp"

namespace signalbox::gates {
namespace {

using config::Node;

constexpr std::chrono::days kLongestLength{10 * 366};
// What recurs oftener than this in its first years is a mistake: an hourly freeze freezes for ever.
constexpr std::chrono::days kTriedFor{5 * 366};
constexpr std::size_t kMostOccurrences = 20'000;

template <class T>
Result<T> at_node(const Node& node, Result<T> parsed) {
  if (parsed) return parsed;
  return node.wrong(parsed.error().message, parsed.error().hint);
}

Result<Time> parse_time(const Node& node) {
  auto time = node.time();
  if (time || !node.is_scalar()) return time;
  SIGNALBOX_TRY(const std::string text, node.text());
  if (!calendar::parse_cron(text, calendar::Zone::utc())) return time;
  return node.wrong("start and end are times, and this is cron",
                    "freeze_start, freeze_end and cron_timezone");
}

Result<FixedFreeze> parse_fixed(const Node& node) {
  FixedFreeze out;
  SIGNALBOX_TRY(out.start, parse_time(node["start"]));
  SIGNALBOX_TRY(out.end, parse_time(node["end"]));
  if (out.end <= out.start) {
    return node["end"].wrong("the freeze ends at " + to_rfc3339(out.end) + ", before it starts at " +
                             to_rfc3339(out.start));
  }
  return out;
}

Result<calendar::Cron> parse_cron_at(const Node& node, const calendar::Zone& zone) {
  SIGNALBOX_TRY(const std::string text, node.text());
  return at_node(node, calendar::parse_cron(text, zone));
}

Result<CronFreeze> parse_crons(const Node& node) {
  SIGNALBOX_TRY(const calendar::Zone zone, parse_zone_node(node["cron_timezone"]));
  SIGNALBOX_TRY(calendar::Cron start, parse_cron_at(node["freeze_start"], zone));
  SIGNALBOX_TRY(calendar::Cron end, parse_cron_at(node["freeze_end"], zone));
  return CronFreeze{std::move(start), std::move(end)};
}

Result<RuleFreeze> parse_rule(const Node& node) {
  RuleFreeze out;
  SIGNALBOX_TRY(const std::string rule, node["rrule"].text());
  SIGNALBOX_TRY(out.rule, at_node(node["rrule"], calendar::parse_rrule(rule)));
  SIGNALBOX_TRY(out.zone, parse_zone_node(node["timezone"]));
  SIGNALBOX_TRY(const std::string from, node["from"].text());
  const auto wall = calendar::parse_iso_wall(from);
  if (!wall) {
    return node["from"].wrong(fmt::format("`{}` is no time on the wall", printable(from)),
                              "2026-01-30T18:00, by the clocks of `timezone`");
  }
  out.from = *wall;
  SIGNALBOX_TRY(const std::string length, node["duration"].text());
  auto period = calendar::parse_short_period(length);
  if (!period) period = calendar::parse_period(length);
  const bool positive = period && period->days.count() >= 0 && period->time.count() >= 0 &&
                        (period->days.count() > 0 || period->time.count() > 0);
  if (!positive || period->days > kLongestLength || period->time > kLongestLength) {
    return node["duration"].wrong(fmt::format("`{}` is no length of a freeze", printable(length)),
                                  "2d, 36h, or P1DT12H");
  }
  out.length = *period;
  calendar::ExpansionBudget budget{.occurrences = kMostOccurrences};
  const auto tried = calendar::expand(out.rule, out.from, out.zone, out.from + kTriedFor, budget);
  if (!tried) return node["rrule"].wrong(tried.error().message, tried.error().hint);
  if (tried->empty() && calendar::expand(out.rule, out.from, out.zone, out.from + 8 * kTriedFor)
                            .value_or(std::vector<calendar::Wall>())
                            .empty())
    return node["rrule"].wrong("it never recurs: nothing would be frozen");
  return out;
}

Result<FileFreeze> parse_file(const Node& node, const FileSource& files) {
  const Node ics = node["ics"];
  FileFreeze out;
  SIGNALBOX_TRY(out.path, ics.text());
  const std::filesystem::path path(out.path);
  const bool inside = !out.path.empty() && path.is_relative() &&
                      std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
  if (!inside) return ics.wrong("a file of holidays lies beside the configuration", "calendars/holidays.ics");
  SIGNALBOX_TRY(const calendar::Zone zone, parse_zone_node(node["timezone"]));
  const auto octets =
      files ? files(out.path) : Result<std::string>(fail(ErrorKind::not_found, "no files here"));
  if (!octets) {
    if (octets.error().kind == ErrorKind::unavailable) return fail(octets.error());
    return ics.wrong(octets.error().message, "commit the file together with the configuration");
  }
  SIGNALBOX_TRY(calendar::IcsFile file, calendar::parse_ics(*octets, out.path, zone));
  for (const calendar::IcsEvent& event : file.events) {
    calendar::IcsFile single{"", {event}};
    const calendar::Instant from = event.zone.to_utc(event.start);
    calendar::ExpansionBudget budget{.occurrences = kMostOccurrences};
    SIGNALBOX_CHECK(calendar::occurrences(single, from, from + kTriedFor, budget));
  }
  out.file = std::make_shared<const calendar::IcsFile>(std::move(file));
  return out;
}

struct Form {
  const char* key;                 // its first member
  std::vector<std::string> names;  // all of them
};
const std::vector<Form>& forms() {
  static const std::vector<Form> kForms = {{"start", {"start", "end"}},
                                           {"freeze_start", {"freeze_start", "freeze_end", "cron_timezone"}},
                                           {"rrule", {"rrule", "from", "duration", "timezone"}},
                                           {"ics", {"ics", "timezone"}}};
  return kForms;
}

// The one form that a freeze has; members of two are a mistake.
Result<const Form*> form_of(const Node& node) {
  const Form* found = nullptr;
  for (const Form& form : forms()) {
    for (const std::string& name : form.names) {
      const bool shared = name == "timezone";
      if (!node[name].exists() || shared) continue;
      if (found != nullptr && found != &form)
        return node[name].wrong(fmt::format("does not go with {}", found->key), "write two freezes");
      found = &form;
    }
  }
  if (found == nullptr) {
    return node.wrong("a freeze says when",
                      "start and end; freeze_start and freeze_end; rrule, from and duration; or ics");
  }
  std::vector<std::string> known = {"name", "reason", "environments"};
  known.insert(known.end(), found->names.begin(), found->names.end());
  SIGNALBOX_CHECK(node.only(known));
  return found;
}

template <class T>
Status take(Freeze& freeze, Result<T> parsed) {
  if (!parsed) return fail(std::move(parsed).error());
  freeze.when = std::move(*parsed);
  return {};
}

}  // namespace

Result<Freeze> parse_freeze(const Node& node, const FileSource& files) {
  if (!node.is_map()) return node.wrong("a freeze is a map", "name: year's end");
  Freeze freeze;
  SIGNALBOX_TRY(freeze.name, node["name"].text());
  if (freeze.name.empty()) return node["name"].wrong("a freeze has a name");
  if (node["reason"].exists()) {
    SIGNALBOX_TRY(freeze.reason, node["reason"].text());
  }
  if (node["environments"].exists()) {
    SIGNALBOX_TRY(freeze.environments, node["environments"].texts());
  }
  SIGNALBOX_TRY(const Form* form, form_of(node));
  const std::string_view key = form->key;
  if (key == "start") SIGNALBOX_CHECK(take(freeze, parse_fixed(node)));
  if (key == "freeze_start") SIGNALBOX_CHECK(take(freeze, parse_crons(node)));
  if (key == "rrule") SIGNALBOX_CHECK(take(freeze, parse_rule(node)));
  if (key == "ics") SIGNALBOX_CHECK(take(freeze, parse_file(node, files)));
  return freeze;
}

bool concerns(const Freeze& freeze, std::string_view environment) {
  const auto& meant = freeze.environments;
  return environment.empty() || meant.empty() ||
         std::any_of(meant.begin(), meant.end(), [&](const std::string& one) {
           return environment == one ||
                  (environment.starts_with(one) && environment.substr(one.size()).starts_with('/'));
         });
}

std::string text_of(const Freeze& freeze) {
  if (const auto* fixed = std::get_if<FixedFreeze>(&freeze.when))
    return fmt::format("{} to {}", to_rfc3339(fixed->start), to_rfc3339(fixed->end));
  if (const auto* crons = std::get_if<CronFreeze>(&freeze.when))
    return fmt::format("`{}` to `{}`, {}", crons->start.text, crons->end.text, crons->start.zone.name());
  if (const auto* rule = std::get_if<RuleFreeze>(&freeze.when))
    return fmt::format("{} from {}, {}", rule->rule.text, calendar::wall_text(rule->from), rule->zone.name());
  const FileFreeze& file = std::get<FileFreeze>(freeze.when);
  return fmt::format("{}, {} events", file.path, file.file->events.size());
}

}  // namespace signalbox::gates
