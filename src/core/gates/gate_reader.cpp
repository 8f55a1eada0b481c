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

Status parse_judgement(const Node& node, Gate& gate) {
  if (node["require"].exists()) {
    SIGNALBOX_TRY(gate.require, parse_condition(node["require"]));
  }
  if (node["allow_empty"].exists()) {
    SIGNALBOX_TRY(gate.allow_empty, node["allow_empty"].texts());
  }
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

// A gate asks for evidence or runs a command; the rest of its members go with the first.
Status parse_question(const Node& node, Gate& gate) {
  const bool asks = node["type"].exists() || node["select"]["type"].exists();
  const bool runs = node["command"].exists();
  if (asks == runs) {
    return node.wrong(asks ? "a gate has either a type or a command" : "a gate has a type or a command",
                      "type: evidence/tests/v1");
  }
  if (!runs) return parse_either_selection(node, gate);
  for (const char* key : {"select", "subject", "signer", "max_age", "require", "allow_empty"}) {
    if (node[key].exists()) return node[key].wrong("goes with evidence, and this gate runs a command");
  }
  SIGNALBOX_TRY(gate.command, parse_command(node["command"]));
  if (gate.command.empty() || gate.command.front().empty())
    return node["command"].wrong("a command without a program");
  return {};
}

}  // namespace

Result<Gate> parse_gate(const Node& node) {
  if (!node.is_map()) return node.wrong("a gate is a map", "name: tests");
  SIGNALBOX_CHECK(node.only({"name", "owner", "select", "type", "subject", "signer", "max_age", "require",
                             "allow_empty", "remedy", "blocker", "weight", "command"}));
  Gate gate;
  SIGNALBOX_TRY(gate.name, one_line(node["name"]));
  if (gate.name.size() > kMaxNameBytes)
    return node["name"].wrong(fmt::format("a name has at most {} bytes", kMaxNameBytes));
  if (node["owner"].exists()) {
    SIGNALBOX_TRY(gate.owner, one_line(node["owner"]));
  }
  SIGNALBOX_CHECK(parse_question(node, gate));
  SIGNALBOX_CHECK(parse_judgement(node, gate));
  return gate;
}

}  // namespace signalbox::gates
