// SPDX 2.3 as JSON: https://spdx.github.io/spdx-spec/v2.3/
#include <algorithm>
#include <set>
#include <string>

#include <fmt/core.h>

#include "commands/evidence/readers/sbom.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

constexpr std::string_view kDocument = "SPDXRef-DOCUMENT";

// Packages that the document says it is about: by its own list, and by relationships in either direction.
std::set<std::string, std::less<>> described(const Json& root) {
  std::set<std::string, std::less<>> out;
  for (const Json& id : root["documentDescribes"].items()) out.emplace(id.as_string());
  for (const Json& one : root["relationships"].items()) {
    const std::string_view kind = one["relationshipType"].as_string();
    const std::string_view from = one["spdxElementId"].as_string();
    const std::string_view to = one["relatedSpdxElement"].as_string();
    if (kind == "DESCRIBES" && from == kDocument) out.emplace(to);
    if (kind == "DESCRIBED_BY" && to == kDocument) out.emplace(from);
  }
  return out;
}

// Section 11.1: one element needs another, in either direction and for whatever purpose.
bool is_dependency(std::string_view kind) {
  return kind == "DEPENDS_ON" || kind == "HAS_PREREQUISITE" || kind == "PREREQUISITE_FOR" ||
         kind.ends_with("DEPENDENCY_OF");
}

bool says_a_license(std::string_view license) {
  return !license.empty() && license != "NOASSERTION" && license != "NONE";
}

bool has_identifier(const Json& package) {
  const Json::Array& all = package["externalRefs"].items();
  return std::any_of(all.begin(), all.end(), [](const Json& reference) {
    const std::string_view kind = reference["referenceType"].as_string();
    return (kind == "purl" || kind == "cpe22Type" || kind == "cpe23Type") &&
           !reference["referenceLocator"].as_string().empty();
  });
}

void count(const Json& package, Sbom& sbom) {
  ++sbom.components;
  if (package["versionInfo"].as_string().empty()) ++sbom.without_version;
  if (!says_a_license(package["licenseConcluded"].as_string()) &&
      !says_a_license(package["licenseDeclared"].as_string()))
    ++sbom.without_license;
  if (package["checksums"].items().empty()) ++sbom.without_digest;
  if (!has_identifier(package)) ++sbom.without_identifier;
}

Status describe(const Json& package, const std::string& where, Sbom& sbom) {
  sbom.described_name = package["name"].as_string();
  sbom.described_version = package["versionInfo"].as_string();
  for (const Json& sum : package["checksums"].items())
    SIGNALBOX_CHECK(keep_digest(sum["algorithm"].as_string(), sum["checksumValue"].as_string(),
                                where + ".checksums", sbom));
  return {};
}

std::string tools_of(const Json& creators) {
  constexpr std::string_view kTool = "Tool: ";
  std::string out;
  for (const Json& creator : creators.items()) {
    if (!creator.as_string().starts_with(kTool)) continue;
    out += (out.empty() ? "" : ", ") + std::string(creator.as_string().substr(kTool.size()));
  }
  return out;
}

}  // namespace

Result<Sbom> read_spdx(const Json& root) {
  if (root["spdxVersion"].as_string() != "SPDX-2.3") {
    return fail(ErrorKind::bad_input, fmt::format("$.spdxVersion: \"{}\"; SPDX-2.3 is read",
                                                  printable(root["spdxVersion"].as_string().substr(0, 40))));
  }
  const Json& packages = root["packages"];
  if (!packages.is_array())
    return fail(ErrorKind::bad_input, "$.packages: there is none: the tool did not look");
  Sbom sbom{.format = "SPDX", .version = "2.3", .tool = tools_of(root["creationInfo"]["creators"])};
  // A document about one package is the bill of that one; one about several lists them all alike.
  const std::set<std::string, std::less<>> about = described(root);
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const Json& package = packages.items()[i];
    const std::string where = fmt::format("$.packages[{}]", i);
    const std::string_view id = package["SPDXID"].as_string();
    if (id.empty() || package["name"].as_string().empty())
      return fail(ErrorKind::bad_input, where + ": no SPDXID or no name");
    if (!seen.insert(id).second) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}.SPDXID: \"{}\" is there twice", where, printable(id.substr(0, 200))));
    }
    if (about.size() == 1 && about.contains(id)) {
      SIGNALBOX_CHECK(describe(package, where, sbom));
    } else {
      count(package, sbom);
    }
  }
  for (const Json& one : root["relationships"].items())
    if (is_dependency(one["relationshipType"].as_string())) ++sbom.dependencies;
  return sbom;
}

}  // namespace signalbox::evidence_command
