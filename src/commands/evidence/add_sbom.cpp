#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/readers/sbom.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

ev::Subject subject_of(const Sbom& sbom) {
  return {.name = sbom.described_name, .digest = sbom.described_digest};
}

Json predicate_of(const Sbom& sbom, std::string_view octets) {
  Json digests = Json::array();
  for (const std::string& digest : ev::digests_of(subject_of(sbom))) digests.push_back(digest);
  return Json::object({{"format", sbom.format},
                       {"version", sbom.version},
                       {"tool", sbom.tool},
                       {"components", sbom.components},
                       {"dependencies", sbom.dependencies},
                       {"lacking", Json::object({{"version", sbom.without_version},
                                                 {"license", sbom.without_license},
                                                 {"digest", sbom.without_digest},
                                                 {"identifier", sbom.without_identifier}})},
                       {"describes", Json::object({{"name", sbom.described_name},
                                                   {"version", sbom.described_version},
                                                   {"digests", std::move(digests)}})},
                       {"digest", "sha256:" + to_hex(sha256(octets))}});
}

// A bill of one file is no evidence about another.
Status check_same(const Sbom& sbom, const std::vector<ev::Subject>& subjects) {
  const ev::Subject own = subject_of(sbom);
  for (const ev::Subject& subject : subjects) {
    const bool shared = std::any_of(own.digest.begin(), own.digest.end(), [&](const auto& digest) {
      return subject.digest.contains(digest.first);
    });
    if (!shared || matches(own, subject)) continue;
    return fail(ErrorKind::bad_input,
                fmt::format("it is the bill of materials of {} ({}), not of {}", printable(own.name),
                            join(ev::digests_of(own), ", "), subject_text(subject)),
                "give --subject the file that it was made of, or make it anew");
  }
  return {};
}

Result<std::vector<ev::Subject>> subjects_for(const Sbom& sbom, const cli::Arguments& arguments,
                                              const cli::Context& context) {
  if (!arguments.has("--subject") && !sbom.described_digest.empty())
    return std::vector<ev::Subject>{subject_of(sbom)};
  SIGNALBOX_TRY(std::vector<ev::Subject> subjects, subjects_from(arguments, context));
  SIGNALBOX_CHECK(check_same(sbom, subjects));
  return subjects;
}

Result<cli::Outcome> add_sbom(const cli::Arguments& arguments, cli::Context& context) {
  const std::string& file = arguments.positionals().front();
  SIGNALBOX_TRY(const std::string octets, read_input(file));
  const auto sbom = read_sbom(octets);
  if (!sbom) return fail_in(file, sbom.error());
  auto subjects = subjects_for(*sbom, arguments, context);
  if (!subjects) return fail_in(file, std::move(subjects).error());
  SIGNALBOX_TRY(Report report, record_statement(context,
                                                {std::move(*subjects),
                                                 whole_type(arguments.get_or("--type", "evidence/sbom/v1")),
                                                 predicate_of(*sbom, octets)},
                                                "Evidence of " + file));
  report.facts.push_back({"format", fmt::format("{} {}", sbom->format, sbom->version), ""});
  report.facts.push_back({"components", sbom->components, ""});
  report.facts.push_back({"dependencies", sbom->dependencies, ""});
  report.facts.push_back({"without version", sbom->without_version, ""});
  report.facts.push_back({"without license", sbom->without_license, ""});
  report.facts.push_back({"without digest", sbom->without_digest, ""});
  report.facts.push_back({"without package URL or CPE", sbom->without_identifier, ""});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command add_sbom_command() {
  return {
      .name = "sbom",
      .summary = "Record a bill of materials: CycloneDX 1.5 and 1.6, SPDX 2.3",
      .details =
          "Counts what it lists and what it lacks. It is about --subject; without one, about the file "
          "whose digests it names.",
      .options = {{.name = "--subject",
                   .value = "SUBJECT",
                   .help = "git:REF, a file, or NAME=ALG:HEX; by default what the bill describes",
                   .repeated = true},
                  {.name = "--type", .value = "URI", .help = "predicate type; by default evidence/sbom/v1"}},
      .positionals = {{"FILE", "bill of materials as JSON; - is standard input"}},
      .run = add_sbom};
}

}  // namespace signalbox::evidence_command
