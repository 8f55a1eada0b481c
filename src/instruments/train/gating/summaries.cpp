#include "instruments/train/gating/summaries.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/placeholders.hpp"

namespace signalbox::train {
namespace {

using config::Node;
using gates::SummaryForm;

Result<std::vector<SummaryForm>> parse_forms(const Node& node) {
  SIGNALBOX_TRY(const std::vector<std::string> names, node.texts());
  std::vector<SummaryForm> out;
  for (const std::string& name : names) {
    const SummaryForm form = name == "svr" ? SummaryForm::svr : SummaryForm::vsa;
    if (gates::name_of(form) != name)
      return node.wrong(fmt::format("`{}` is neither vsa nor svr", printable(name)), "summaries: [vsa]");
    if (std::find(out.begin(), out.end(), form) != out.end())
      return node.wrong(fmt::format("{} is there twice", name));
    out.push_back(form);
  }
  return out;
}

Result<std::string> parse_uri(const Node& node, const char* example) {
  SIGNALBOX_TRY(std::string uri, node.text());
  if (!gates::is_uri(uri)) return node.wrong(fmt::format("`{}` is no URI", printable(uri)), example);
  return uri;
}

Result<std::string> parse_resource(const Node& node) {
  SIGNALBOX_TRY(std::string uri, parse_uri(node, "resource: pkg:generic/shop@{version}"));
  const std::string made = gates::filled(uri, {{"{version}", "1"}, {"{tag}", "1"}, {"{commit}", "1"}});
  if (made.find_first_of("{}") != std::string::npos)
    return node.wrong("braces of it stand for nothing", "{version}, {tag} and {commit} do");
  return uri;
}

}  // namespace

Result<Summaries> parse_summaries(const Node& node) {
  Summaries out;
  if (!node.exists()) return out;
  if (!node.is_map()) {
    SIGNALBOX_TRY(out.forms, parse_forms(node));
    return out;
  }
  SIGNALBOX_CHECK(node.only({"forms", "verifier", "resource"}));
  if (!node["forms"].exists()) return node.wrong("`forms` is missing", "forms: [vsa]");
  SIGNALBOX_TRY(out.forms, parse_forms(node["forms"]));
  if (node["verifier"].exists()) {
    SIGNALBOX_TRY(out.verifier, parse_uri(node["verifier"], "verifier: https://ci.example/train"));
  }
  if (node["resource"].exists()) {
    SIGNALBOX_TRY(out.resource, parse_resource(node["resource"]));
  }
  return out;
}

}  // namespace signalbox::train
