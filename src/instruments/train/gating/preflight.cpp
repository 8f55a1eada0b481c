#include "instruments/train/gating/preflight.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

using config::Node;
using gates::Gate;

constexpr std::string_view kRows = R"yaml(
- {name: artifacts, kind: artifact, owner: release, file: x, checksums: x}
- {name: ci-quality, kind: ci, owner: engineering, jobs: [unit-tests, integration-tests, sast-scan]}
- {name: migration-plan, kind: approval, owner: data, role: database}
- {name: observability, kind: slo, owner: sre}
- name: release-notes
  owner: product
  type: train/manifest/v1
  require: ne(.predicate.notes; "") and (num(.predicate.commits.total) == num(.predicate.commits.classified) + num(.predicate.commits.excluded) + num(.predicate.commits.unclassified))
  remedy: signalbox train lock
- {name: stakeholder-signoff, kind: approval, owner: product, role: [business, support, sre]}
)yaml";

// What of a row a repository may say, beside its owner.
std::vector<std::string> members_of(gates::GateKind kind) {
  switch (kind) {
    case gates::GateKind::artifact:
      return {"owner", "file", "checksums", "previous"};
    case gates::GateKind::ci:
      return {"owner", "jobs"};
    case gates::GateKind::approval:
      return {"owner", "role"};
    case gates::GateKind::evidence:
    case gates::GateKind::command:
    case gates::GateKind::slo:
    case gates::GateKind::time:
    case gates::GateKind::score:
      break;
  }
  return {"owner"};
}

Status read_list(const Node& node, std::vector<std::string>& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(out, node.texts());
  for (const std::string& one : out) {
    if (one.empty() || printable(one) != one) return node.wrong("printable names are wanted");
  }
  if (out.empty()) return node.wrong("names nothing");
  return {};
}

Status read_row(const Node& node, Gate& gate) {
  SIGNALBOX_CHECK(node.only(members_of(gate.kind)));
  if (node["owner"].exists()) {
    SIGNALBOX_TRY(gate.owner, node["owner"].text());
  }
  if (auto* const artifact = std::get_if<gates::ArtifactRule>(&gate.rule)) {
    SIGNALBOX_TRY(artifact->file, node["file"].text());
    SIGNALBOX_TRY(artifact->checksums, node["checksums"].text());
    SIGNALBOX_TRY(artifact->previous, gates::parse_previous_artifact(node["previous"]));
  }
  if (auto* const ci = std::get_if<gates::CiRule>(&gate.rule))
    SIGNALBOX_CHECK(read_list(node["jobs"], ci->jobs));
  if (auto* const people = std::get_if<gates::ApprovalRule>(&gate.rule))
    SIGNALBOX_CHECK(read_list(node["role"], people->roles));
  return {};
}

}  // namespace

Result<std::vector<Gate>> parse_preflight(const Node& node) {
  std::vector<Gate> out;
  if (!node.exists()) return out;
  if (!node.is_map())
    return node.wrong("a map of rows is wanted: preflight: {artifacts: {file: …, checksums: …}}");
  SIGNALBOX_TRY(const Node rows, config::parse_yaml(kRows, "the pre-flight table"));
  std::vector<std::string> names;
  for (const Node& row : rows.items()) {
    SIGNALBOX_TRY(Gate gate, gates::parse_gate(row));
    names.push_back(gate.name);
    SIGNALBOX_CHECK(read_row(node[gate.name], gate));
    out.push_back(std::move(gate));
  }
  SIGNALBOX_CHECK(node.only(names));
  return out;
}

}  // namespace signalbox::train
