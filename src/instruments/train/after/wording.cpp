#include "instruments/train/after/wording.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::string_view kPlanning = R"(Train {{.train}} departs {{.departs}}

)";
constexpr std::string_view kChange = R"({{if .is_cancelled -}}
Train {{.train}} is cancelled
{{- else -}}
Train {{.train}} is moved: it departs {{.departs}}
{{- end}}

It was to depart {{.was_to_depart}}.
{{if .why}}Why: {{.why}}
{{end}})";
constexpr std::string_view kFreeze = R"(The scope of train {{.train}} is locked: {{.version}}

It departs {{.departs}}. The manifest is {{.manifest}}.

)";
constexpr std::string_view kPreCutover = R"({{.version}} departs {{.departs}}

Train {{.train}}, with {{.aboard}} aboard. Talk of it is in {{.talk}}.
)";
constexpr std::string_view kDeparture = R"({{.version}} is departing

Traffic begins to go to it (train {{.train}}).{{if .baseline}} It takes the place of {{.baseline}}.{{end}}
)";
constexpr std::string_view kPause = R"({{.version}} stands still

It was paused at {{.weight}} % of the traffic, {{.since}} (train {{.train}}).
{{if .why}}Why: {{.why}}
{{end}})";
constexpr std::string_view kRollback = R"({{if eq .state "stuck" -}}
Taking {{.version}} back has failed
{{- else -}}
{{.version}} is being taken back
{{- end}}

{{if .baseline}}The traffic is to go to {{.baseline}} again{{else}}The traffic is to leave it{{end}} (train {{.train}}).
{{if .why}}Why: {{.why}}
{{end}})";
constexpr std::string_view kSummary = R"({{if eq .state "departed" -}}
{{.version}} has departed
{{- else if eq .state "aborted" -}}
Train {{.train}} has not departed
{{- else -}}
{{.version}} was taken back
{{- end}}

{{if eq .state "departed" -}}
All traffic is on it since {{.since}} (train {{.train}}).

{{else if eq .state "aborted" -}}
It was aborted before any traffic.
{{if .why}}Why: {{.why}}
{{end}}
{{- else -}}
All traffic is {{if .baseline}}on {{.baseline}} again{{else}}off it{{end}} since {{.since}}, {{.took}} after it was noticed (train {{.train}}).
{{if .why}}Why: {{.why}}
{{end}}
{{- end}})";
constexpr std::string_view kAboard = R"({{if .passengers -}}
Aboard, with risk and owner:
{{range .passengers}}- {{.title}}: {{.risk}} risk, {{.owner}}
{{end}}{{if .more}}- and {{.more}} more
{{end}}
{{- else -}}
Nobody is aboard yet.
{{end}})";
constexpr std::string_view kAboardWhenDeparted = R"({{if eq .state "departed"}}{{range .passengers -}}
- {{.title}}: {{.risk}} risk, {{.owner}}
{{end}}{{if .more}}- and {{.more}} more
{{end}}{{end}})";

std::string built_in_text(Moment moment) {
  switch (moment) {
    case Moment::planning:
      return std::string(kPlanning) + std::string(kAboard);
    case Moment::change:
      return std::string(kChange);
    case Moment::freeze:
      return std::string(kFreeze) + std::string(kAboard);
    case Moment::pre_cutover:
      return std::string(kPreCutover);
    case Moment::departure:
      return std::string(kDeparture);
    case Moment::pause:
      return std::string(kPause);
    case Moment::rollback:
      return std::string(kRollback);
    case Moment::summary:
      return std::string(kSummary) + std::string(kAboardWhenDeparted);
  }
  return {};
}

// For trying a template before anything is told with it.
NewsFacts sample_facts() {
  NewsFacts out;
  out.train = "2026-12";
  out.version = "v1.3.0";
  out.baseline = "v1.2.0";
  out.departs = out.was_to_depart = out.since = "2026-12-01T10:00:00Z";
  out.manifest = "sha256:" + std::string(64, '0');
  out.state = "departed";
  out.took = "42s";
  out.why = "errors rose";
  out.weight = 25;
  out.passengers = {{"feat: pay", "ada", "low"}};
  out.aboard = 1;
  return out;
}

// One line that may hold nothing which a header, a terminal or a chat would obey.
std::string one_line_of(std::string_view text) {
  std::string out = printable(trim(text));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

Result<Words> words_of(std::string_view rendered, Moment moment) {
  const std::string_view text = trim(rendered);
  const std::size_t end = std::min(text.find('\n'), text.size());
  Words out;
  out.subject = one_line_of(text.substr(0, end));
  if (out.subject.empty() || out.subject.size() > kMaxSubjectBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("the words of {}: a first line of 1 to {} bytes is expected", name_of(moment),
                            kMaxSubjectBytes),
                "it is the subject; what follows is the text");
  }
  if (text.size() > kMaxMessageBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("the words of {} are more than {} bytes", name_of(moment), kMaxMessageBytes));
  }
  for (const std::string_view line : lines(text.substr(end))) {
    if (out.text.empty() && trim(line).empty()) continue;
    out.text += printable(line) + "\n";
  }
  return out;
}

}  // namespace

Json to_json(const NewsFacts& facts) {
  Json passengers = Json::array();
  for (const NewsFacts::Passenger& one : facts.passengers)
    passengers.push_back(Json::object({{"title", one.title}, {"owner", one.owner}, {"risk", one.risk}}));
  return Json::object({{"train", facts.train},
                       {"version", facts.version},
                       {"baseline", facts.baseline},
                       {"departs", facts.departs},
                       {"was_to_depart", facts.was_to_depart},
                       {"is_cancelled", facts.is_cancelled},
                       {"is_hotfix", facts.is_hotfix},
                       {"manifest", facts.manifest},
                       {"talk", talk_channel(facts.version)},
                       {"state", facts.state},
                       {"since", facts.since},
                       {"took", facts.took},
                       {"why", facts.why},
                       {"weight", facts.weight},
                       {"aboard", facts.aboard},
                       {"more", facts.aboard - std::min(facts.aboard, facts.passengers.size())},
                       {"passengers", std::move(passengers)}});
}

std::string talk_channel(std::string_view version) {
  if (version.empty()) return {};
  if (version.starts_with('v')) version.remove_prefix(1);
  std::string out = "#release-";
  for (const char c : to_lower(version)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    out += is_plain ? c : '-';
  }
  return out;
}

Wording Wording::built_in() {
  Wording out;
  for (const Moment moment : kMoments) {
    auto parsed = templates::Template::parse(built_in_text(moment), std::string(name_of(moment)));
    if (parsed) out.templates_.insert_or_assign(moment, std::move(*parsed));
  }
  return out;
}

Result<Wording> Wording::parse(const config::Node& templates) {
  Wording out = built_in();
  if (!templates.exists()) return out;
  if (!templates.is_map()) return templates.wrong("templates by moment are expected", "summary: |");
  for (const auto& [name, node] : templates.members()) {
    const auto moment = moment_from(name);
    if (!moment) return node.wrong(moment.error().message, moment.error().hint);
    SIGNALBOX_TRY(const std::string text, node.text());
    auto parsed = templates::Template::parse(text, name);
    if (!parsed) return node.wrong(parsed.error().message, parsed.error().hint);
    out.templates_.insert_or_assign(*moment, std::move(*parsed));
    const auto tried = out.say(*moment, sample_facts());
    if (!tried) return node.wrong(tried.error().message, tried.error().hint);
  }
  return out;
}

Result<Words> Wording::say(Moment moment, const NewsFacts& facts) const {
  const auto found = templates_.find(moment);
  if (found == templates_.end())
    return fail(ErrorKind::internal, fmt::format("there are no words for {}", name_of(moment)));
  SIGNALBOX_TRY(const std::string rendered, found->second.render(to_json(facts)));
  return words_of(rendered, moment);
}

}  // namespace signalbox::train::after
