#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::gates {
namespace {

using config::Node;

constexpr std::size_t kMaxNameBytes = 80;
constexpr double kMaxWeight = 1000;
constexpr Duration kVerdictAge = std::chrono::hours(1);  // of an SLO verdict, where the gate says nothing
const std::vector<std::string> kSelection = {"type", "subject", "signer", "max_age"};

bool is_one_line(std::string_view text) {
  return !text.empty() && text.find('\n') == std::string_view::npos && printable(text) == text;
}

Result<std::string> one_line(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  if (!is_one_line(text)) return node.wrong("one line of printable text is wanted");
  return text;
}

// "evidence/tests/v1" → its URI; a URI stays as it is.
Result<std::string> parse_type(const Node& node) {
  SIGNALBOX_TRY(const std::string text, one_line(node));
  if (text.find("://") != std::string::npos) return text;
  const std::vector<std::string_view> parts = split(text, '/');
  const bool whole =
      parts.size() == 3 && std::none_of(parts.begin(), parts.end(), [](auto part) { return part.empty(); });
  if (!whole || text.find_first_of(" \t") != std::string::npos) {
    return node.wrong(fmt::format("`{}` is no predicate type", text), "as evidence/tests/v1, or a whole URI");
  }
  return std::string(evidence::kPredicatePrefix) + text;
}

Result<std::string> parse_subject(const Node& node) {
  SIGNALBOX_TRY(std::string text, one_line(node));
  if (text == "@commit" || text == "@artifact") return text;
  if (auto subject = evidence::subject_from_text(text); !subject)
    return node.wrong(subject.error().message, "@commit, @artifact, or ALGORITHM:HEX");
  return text;
}

Result<int> parse_threshold(const Node& node) {
  SIGNALBOX_TRY(const std::int64_t value, node.integer());
  if (value < 1 || value > kMaxThreshold)
    return node.wrong(fmt::format("a threshold is 1 to {} keys", kMaxThreshold));
  return static_cast<int>(value);
}

Result<std::string> parse_role(const Node& node) {
  static const std::vector<std::string> kRoles = {"builder", "gate", "approver", "log", "witness", "root"};
  SIGNALBOX_TRY(std::string role, one_line(node));
  if (std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end()) return role;
  const auto near = nearest(role, kRoles);
  return node.wrong(fmt::format("there is no role {}", role),
                    near ? fmt::format("did you mean `{}`?", *near) : "roles are " + join(kRoles, ", "));
}

Status parse_signer(const Node& node, Gate& gate) {
  if (node.is_scalar()) {
    SIGNALBOX_TRY(gate.signer_role, parse_role(node));
    return {};
  }
  SIGNALBOX_CHECK(node.only({"role", "keys", "threshold"}));
  if (node["role"].exists()) {
    SIGNALBOX_TRY(gate.signer_role, parse_role(node["role"]));
  }
  if (node["keys"].exists()) {
    SIGNALBOX_TRY(gate.signer_keys, node["keys"].texts());
  }
  if (node["threshold"].exists()) {
    SIGNALBOX_TRY(gate.threshold, parse_threshold(node["threshold"]));
  }
  const auto keys = static_cast<int>(gate.signer_keys.size());
  if (keys > 0 && gate.threshold > keys)
    return node.wrong(fmt::format("{} keys can never make a threshold of {}", keys, gate.threshold));
  return {};
}

Status parse_selection(const Node& node, Gate& gate) {
  if (node["type"].exists()) {
    SIGNALBOX_TRY(gate.type, parse_type(node["type"]));
  }
  if (node["subject"].exists()) {
    SIGNALBOX_TRY(gate.subject, parse_subject(node["subject"]));
  }
  if (node["signer"].exists()) {
    SIGNALBOX_CHECK(parse_signer(node["signer"], gate));
  }
  if (node["max_age"].exists()) {
    SIGNALBOX_TRY(gate.max_age, node["max_age"].duration());
  }
  return {};
}

// The selection stands in the gate itself or in `select`, never half in each.
Status parse_either_selection(const Node& node, Gate& gate) {
  const Node select = node["select"];
  if (!select.exists()) return parse_selection(node, gate);
  for (const std::string& key : kSelection) {
    if (node[key].exists()) return node[key].wrong("stands beside `select`", "write it within `select`");
  }
  SIGNALBOX_CHECK(select.only(kSelection));
  return parse_selection(select, gate);
}

Result<std::string> parse_condition(const Node& node) {
  SIGNALBOX_TRY(std::string text, node.text());
  const auto tokens = scan_expression(text);
  const Status pure = tokens ? refuse_impure(*tokens) : Status(fail(tokens.error()));
  if (!pure) return node.wrong("in this condition, " + pure.error().message, pure.error().hint);
  if (tokens->empty()) return node.wrong("an empty condition");
  return text;
}

// A list is a program and its words; a text is for the shell.
Result<std::vector<std::string>> parse_command(const Node& node) {
  if (node.is_list()) return node.texts();
  SIGNALBOX_TRY(std::string text, node.text());
  return std::vector<std::string>{"/bin/sh", "-c", std::move(text)};
}

Result<double> parse_weight(const Node& node) {
  SIGNALBOX_TRY(const double weight, node.number());
  if (!(weight >= 0 && weight <= kMaxWeight))
    return node.wrong(fmt::format("a weight is 0 to {}", kMaxWeight));
  return weight;
}

Status parse_condition_of(const Node& node, Gate& gate) {
  if (node["require"].exists()) {
    SIGNALBOX_TRY(gate.require, parse_condition(node["require"]));
  }
  if (node["allow_empty"].exists()) {
    SIGNALBOX_TRY(gate.allow_empty, node["allow_empty"].texts());
  }
  return {};
}

Status parse_weighing(const Node& node, Gate& gate) {
  if (node["remedy"].exists()) {
    SIGNALBOX_TRY(gate.remedy, one_line(node["remedy"]));
  }
  if (node["blocker"].exists()) {
    SIGNALBOX_TRY(gate.blocker, node["blocker"].boolean());
  }
  if (node["weight"].exists()) {
    SIGNALBOX_TRY(gate.weight, parse_weight(node["weight"]));
  }
  return {};
}

// "owner/name" as GitHub has them: it becomes part of an address.
Result<std::string> parse_repository(const Node& node) {
  SIGNALBOX_TRY(std::string text, one_line(node));
  const std::vector<std::string_view> parts = split(text, '/');
  const bool plain =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
      std::string::npos;
  const bool whole = parts.size() == 2 && std::none_of(parts.begin(), parts.end(), [](std::string_view part) {
                       return part.empty() || part == "." || part == "..";
                     });
  if (!plain || !whole)
    return node.wrong(fmt::format("`{}` is no repository", printable(text)), "repository: owner/name");
  return text;
}

Result<std::string> parse_api(const Node& node) {
  SIGNALBOX_TRY(std::string text, one_line(node));
  while (text.ends_with('/')) text.pop_back();
  if (!text.starts_with("https://") && !text.starts_with("http://"))
    return node.wrong("an address of http or https is wanted", "api: https://api.github.com");
  return text;
}

Result<Involvement> parse_involvement(const Node& node, const std::string& name) {
  for (const Involvement one : {Involvement::author, Involvement::committer, Involvement::requester}) {
    if (name_of(one) == name) return one;
  }
  return node.wrong(fmt::format("`{}` is no way to have to do with a train", printable(name)),
                    "author, committer, requester");
}

Status parse_command_gate(const Node& node, Gate& gate) {
  SIGNALBOX_TRY(gate.command, parse_command(node["command"]));
  if (gate.command.empty() || gate.command.front().empty())
    return node["command"].wrong("a command without a program");
  return {};
}

Status parse_evidence_gate(const Node& node, Gate& gate) {
  SIGNALBOX_CHECK(parse_either_selection(node, gate));
  if (gate.type.empty())
    return node.wrong("a gate of the kind evidence has a type", "type: evidence/tests/v1");
  return parse_condition_of(node, gate);
}

// Verdicts of the SLO engine: the usual condition, and at least so much of the error budget left.
Status parse_slo_gate(const Node& node, Gate& gate) {
  SIGNALBOX_CHECK(parse_either_selection(node, gate));
  SIGNALBOX_CHECK(parse_condition_of(node, gate));
  if (gate.type.empty()) gate.type = std::string(evidence::kPredicatePrefix) + "slo/verdict/v1";
  if (!gate.max_age) gate.max_age = kVerdictAge;
  if (gate.require.empty()) gate.require = "eq(.predicate.verdict; \"pass\")";
  if (!node["min_remaining"].exists()) return {};
  SIGNALBOX_TRY(const double remaining, node["min_remaining"].number());
  if (!(remaining >= 0 && remaining <= 1))
    return node["min_remaining"].wrong("a part of the error budget is 0 to 1");
  gate.require = fmt::format("({}) and ge(.predicate.remaining; {})", gate.require, remaining);
  return {};
}

Status parse_ci_gate(const Node& node, Gate& gate) {
  SIGNALBOX_CHECK(parse_selection(node, gate));
  CiRule rule;
  if (node["jobs"].exists()) {
    SIGNALBOX_TRY(rule.jobs, node["jobs"].texts());
  }
  if (rule.jobs.size() > kMaxCiJobs) return node["jobs"].wrong(fmt::format("more than {} jobs", kMaxCiJobs));
  for (const std::string& job : rule.jobs) {
    if (!is_one_line(job)) return node["jobs"].wrong("one line of printable text is wanted for each");
  }
  std::string source = "evidence";
  if (node["source"].exists()) {
    SIGNALBOX_TRY(source, node["source"].text());
  }
  if (source != "evidence" && source != "github")
    return node["source"].wrong(fmt::format("`{}` is neither evidence nor github", printable(source)));
  const bool asks_github = source == "github";
  for (const char* key : {"repository", "api"}) {
    if (node[key].exists() && !asks_github) return node[key].wrong("goes with source: github");
  }
  for (const char* key : {"signer", "max_age"}) {
    if (node[key].exists() && asks_github)
      return node[key].wrong("goes with evidence, and this gate asks GitHub");
  }
  if (asks_github) {
    rule.source = CiRule::Source::github;
    SIGNALBOX_TRY(rule.repository, parse_repository(node["repository"]));
    if (node["api"].exists()) {
      SIGNALBOX_TRY(rule.api, parse_api(node["api"]));
    }
  }
  gate.rule = std::move(rule);
  return {};
}

Status parse_approval_gate(const Node& node, Gate& gate) {
  ApprovalRule rule;
  if (node["role"].exists()) {
    SIGNALBOX_TRY(rule.roles, node["role"].texts());
  }
  for (const std::string& role : rule.roles) {
    if (!is_one_line(role) || std::count(rule.roles.begin(), rule.roles.end(), role) > 1)
      return node["role"].wrong("each role stands there once, on one line");
  }
  if (node["count"].exists()) {
    SIGNALBOX_TRY(const std::int64_t count, node["count"].integer());
    if (count < 1 || count > kMaxApprovers)
      return node["count"].wrong(fmt::format("a count is 1 to {} people", kMaxApprovers));
    rule.count = static_cast<int>(count);
  }
  if (rule.roles.empty() || rule.roles.size() * static_cast<std::size_t>(rule.count) > kMaxApprovers)
    return node["role"].wrong(fmt::format("roles and count ask for 1 to {} people", kMaxApprovers));
  if (node["not"].exists()) {
    SIGNALBOX_TRY(const std::vector<std::string> names, node["not"].texts());
    rule.not_by.clear();
    for (const std::string& name : names) {
      SIGNALBOX_TRY(const Involvement involvement, parse_involvement(node["not"], name));
      rule.not_by.push_back(involvement);
    }
  }
  if (node["max_age"].exists()) {
    SIGNALBOX_TRY(gate.max_age, node["max_age"].duration());
  }
  gate.rule = std::move(rule);
  return {};
}

Status parse_time_gate(const Node& node, Gate& gate) {
  SIGNALBOX_TRY(gate.rule, parse_time_rule(node));
  return {};
}

Status parse_score_gate(const Node& node, Gate& gate) {
  ScoreRule rule;
  SIGNALBOX_TRY(rule.at_least, node["at_least"].number());
  if (!(rule.at_least > 0 && rule.at_least <= 100))
    return node["at_least"].wrong("a score to reach is above 0, at most 100");
  if (node["items"].exists()) {
    SIGNALBOX_TRY(rule.items, node["items"].texts());
  }
  gate.rule = std::move(rule);
  return {};
}

Status parse_artifact_gate(const Node& node, Gate& gate) {
  SIGNALBOX_CHECK(parse_selection(node, gate));
  SIGNALBOX_CHECK(parse_condition_of(node, gate));
  ArtifactRule rule;
  SIGNALBOX_TRY(rule.file, one_line(node["file"]));
  if (node["checksums"].exists()) {
    SIGNALBOX_TRY(rule.checksums, one_line(node["checksums"]));
  }
  if (rule.checksums.empty() && gate.type.empty())
    return node.wrong("nothing says what this artifact has to be",
                      "checksums: dist/SHA256SUMS, or a type of evidence");
  if (gate.type.empty() && (!gate.require.empty() || gate.signer_role || gate.max_age))
    return node.wrong("signer, max_age and require go with a type of evidence");
  SIGNALBOX_TRY(rule.previous, parse_previous_artifact(node["previous"]));
  gate.rule = std::move(rule);
  return {};
}

// What every gate may say, and what goes with one kind.
const std::vector<std::string> kCommon = {"name", "owner", "kind", "remedy", "blocker", "weight"};
struct KindReader {
  GateKind kind;
  std::vector<std::string> members;
  Status (*parse)(const Node&, Gate&);
};
const std::vector<KindReader>& kind_readers() {
  static const std::vector<KindReader> kReaders = {
      {GateKind::evidence,
       {"select", "type", "subject", "signer", "max_age", "require", "allow_empty"},
       parse_evidence_gate},
      {GateKind::command, {"command"}, parse_command_gate},
      {GateKind::ci, {"jobs", "source", "repository", "api", "signer", "max_age"}, parse_ci_gate},
      {GateKind::slo,
       {"select", "type", "subject", "signer", "max_age", "require", "allow_empty", "min_remaining"},
       parse_slo_gate},
      {GateKind::approval, {"role", "count", "not", "max_age"}, parse_approval_gate},
      {GateKind::time, {"not_before", "not_after", "window"}, parse_time_gate},
      {GateKind::score, {"at_least", "items"}, parse_score_gate},
      {GateKind::artifact,
       {"file", "checksums", "previous", "type", "signer", "max_age", "require", "allow_empty"},
       parse_artifact_gate}};
  return kReaders;
}

Result<GateKind> parse_kind(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  std::vector<std::string> names;
  for (const KindReader& reader : kind_readers()) {
    if (name_of(reader.kind) == text) return reader.kind;
    names.emplace_back(name_of(reader.kind));
  }
  const auto near = nearest(text, names);
  return node.wrong(fmt::format("there is no kind {}", printable(text)),
                    near ? fmt::format("did you mean `{}`?", *near) : "kinds are " + join(names, ", "));
}

// Without `kind` a gate asks for evidence or runs a command.
Result<GateKind> kind_of(const Node& node) {
  if (node["kind"].exists()) return parse_kind(node["kind"]);
  const bool asks = node["type"].exists() || node["select"]["type"].exists();
  const bool runs = node["command"].exists();
  if (asks == runs) {
    return node.wrong(asks ? "a gate has either a type or a command" : "a gate has a type or a command",
                      "type: evidence/tests/v1");
  }
  if (!runs) return GateKind::evidence;
  for (const char* key : {"select", "subject", "signer", "max_age", "require", "allow_empty"}) {
    if (node[key].exists()) return node[key].wrong("goes with evidence, and this gate runs a command");
  }
  return GateKind::command;
}

// Unknown members first, whatever the kind.
Status check_known(const Node& node) {
  std::vector<std::string> known = kCommon;
  for (const KindReader& reader : kind_readers())
    known.insert(known.end(), reader.members.begin(), reader.members.end());
  return node.only(known);
}

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

// A known member of another kind says so.
Status check_members(const Node& node, const KindReader& own) {
  for (const auto& [key, value] : node.members()) {
    if (has(kCommon, key) || has(own.members, key)) continue;
    const auto other =
        std::find_if(kind_readers().begin(), kind_readers().end(),
                     [&, name = key](const KindReader& one) { return has(one.members, name); });
    return value.wrong(
        fmt::format("goes with the kind {}, and this is {}", name_of(other->kind), name_of(own.kind)));
  }
  return {};
}

}  // namespace

Result<std::optional<PreviousArtifact>> parse_previous_artifact(const Node& node) {
  if (!node.exists()) return std::optional<PreviousArtifact>();
  SIGNALBOX_CHECK(node.only({"file", "checksums"}));
  PreviousArtifact out;
  SIGNALBOX_TRY(out.file, one_line(node["file"]));
  SIGNALBOX_TRY(out.checksums, one_line(node["checksums"]));
  return std::optional(std::move(out));
}

Result<Gate> parse_gate(const Node& node) {
  if (!node.is_map()) return node.wrong("a gate is a map", "name: tests");
  Gate gate;
  SIGNALBOX_TRY(gate.name, one_line(node["name"]));
  if (gate.name.size() > kMaxNameBytes)
    return node["name"].wrong(fmt::format("a name has at most {} bytes", kMaxNameBytes));
  if (node["owner"].exists()) {
    SIGNALBOX_TRY(gate.owner, one_line(node["owner"]));
  }
  SIGNALBOX_CHECK(check_known(node));
  SIGNALBOX_TRY(gate.kind, kind_of(node));
  const auto reader = std::find_if(kind_readers().begin(), kind_readers().end(),
                                   [&](const KindReader& one) { return one.kind == gate.kind; });
  SIGNALBOX_CHECK(check_members(node, *reader));
  SIGNALBOX_CHECK(reader->parse(node, gate));
  SIGNALBOX_CHECK(parse_weighing(node, gate));
  return gate;
}

}  // namespace signalbox::gates
