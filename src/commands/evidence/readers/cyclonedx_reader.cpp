// CycloneDX 1.5 and 1.6 as JSON: https://cyclonedx.org/docs/1.6/json/
#include <unordered_set>

#include <fmt/core.h>

#include "commands/evidence/readers/sbom.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

// Every bom-ref of a bill is there once.
using References = std::unordered_set<std::string>;

Status take_reference(const Json& component, const std::string& where, References& seen) {
  const std::string_view reference = component["bom-ref"].as_string();
  if (reference.empty() || seen.emplace(reference).second) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("{}.bom-ref: \"{}\" is there twice", where, printable(reference.substr(0, 200))));
}

Status count(const Json& components, const std::string& where, References& seen, Sbom& sbom) {
  if (!components.is_null() && !components.is_array())
    return fail(ErrorKind::bad_input, where + ": not a list");
  for (std::size_t i = 0; i < components.size(); ++i) {
    const Json& component = components.items()[i];
    const std::string at = fmt::format("{}[{}]", where, i);
    if (component["name"].as_string().empty()) return fail(ErrorKind::bad_input, at + ".name: there is none");
    SIGNALBOX_CHECK(take_reference(component, at, seen));
    ++sbom.components;
    if (component["version"].as_string().empty()) ++sbom.without_version;
    if (component["licenses"].items().empty()) ++sbom.without_license;
    if (component["hashes"].items().empty()) ++sbom.without_digest;
    if (component["purl"].as_string().empty() && component["cpe"].as_string().empty())
      ++sbom.without_identifier;
    SIGNALBOX_CHECK(count(component["components"], at + ".components", seen, sbom));
  }
  return {};
}

// Since 1.5 an object of components and services; before, and still allowed, a list.
std::string tools_of(const Json& tools) {
  std::string out;
  const auto add = [&out](const Json& list) {
    for (const Json& tool : list.items()) {
      const std::string_view vendor = tool["vendor"].as_string();
      out += out.empty() ? "" : ", ";
      out += vendor.empty() ? std::string() : std::string(vendor) + " ";
      out += tool["name"].as_string();
      if (const std::string_view version = tool["version"].as_string(); !version.empty())
        out += " " + std::string(version);
    }
  };
  add(tools);
  add(tools["components"]);
  add(tools["services"]);
  return out;
}

Status describe(const Json& component, References& seen, Sbom& sbom) {
  const std::string where = "$.metadata.component";
  SIGNALBOX_CHECK(take_reference(component, where, seen));
  sbom.described_name = component["name"].as_string();
  sbom.described_version = component["version"].as_string();
  for (const Json& hash : component["hashes"].items())
    SIGNALBOX_CHECK(
        keep_digest(hash["alg"].as_string(), hash["content"].as_string(), where + ".hashes", sbom));
  return count(component["components"], where + ".components", seen, sbom);
}

}  // namespace

Result<Sbom> read_cyclonedx(const Json& root) {
  Sbom sbom{.format = "CycloneDX", .version = std::string(root["specVersion"].as_string())};
  if (sbom.version != "1.5" && sbom.version != "1.6") {
    return fail(ErrorKind::bad_input, fmt::format("$.specVersion: \"{}\"; CycloneDX 1.5 and 1.6 are read",
                                                  printable(sbom.version.substr(0, 40))));
  }
  if (!root["components"].is_array())
    return fail(ErrorKind::bad_input, "$.components: there is none: the tool did not look");
  sbom.tool = tools_of(root["metadata"]["tools"]);
  References seen;
  SIGNALBOX_CHECK(describe(root["metadata"]["component"], seen, sbom));
  SIGNALBOX_CHECK(count(root["components"], "$.components", seen, sbom));
  for (const Json& from : root["dependencies"].items())
    sbom.dependencies += static_cast<std::int64_t>(from["dependsOn"].items().size());
  return sbom;
}

}  // namespace signalbox::evidence_command
