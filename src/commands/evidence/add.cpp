#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/readers/readers.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Reader = Result<Json> (*)(const std::vector<std::string>& files);

// One digest over all files of a report, in the order given.
std::string digest_of(const std::vector<std::string>& octets) {
  Sha256Stream stream;
  for (const std::string& part : octets) stream.update(part);
  return "sha256:" + to_hex(stream.finish());
}

Result<std::vector<std::string>> read_all(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  for (const std::string& file : files) {
    SIGNALBOX_TRY(std::string octets, read_input(file));
    out.push_back(std::move(octets));
  }
  return out;
}

Result<Json> junit_predicate(const std::vector<std::string>& files) {
  SIGNALBOX_TRY(const std::vector<std::string> octets, read_all(files));
  TestResults sum;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto read = read_junit(octets[i]);
    if (!read) return fail(ErrorKind::bad_input, files[i] + ":" + read.error().message, read.error().hint);
    if (sum.tool.empty()) sum.tool = read->tool;
    sum.tests += read->tests;
    sum.failures += read->failures;
    sum.errors += read->errors;
    sum.skipped += read->skipped;
    sum.duration_ms += read->duration_ms;
    sum.failed.insert(sum.failed.end(), read->failed.begin(), read->failed.end());
  }
  Json failed = Json::array();
  for (std::size_t i = 0; i < sum.failed.size() && i < kMaxFailedNames; ++i) failed.push_back(sum.failed[i]);
  return Json::object({{"tool", sum.tool},
                       {"tests", sum.tests},
                       {"failures", sum.failures},
                       {"errors", sum.errors},
                       {"skipped", sum.skipped},
                       {"duration_ms", sum.duration_ms},
                       {"failed", std::move(failed)},
                       {"report", digest_of(octets)}});
}

Result<Json> sarif_predicate(const std::vector<std::string>& files) {
  SIGNALBOX_TRY(const std::vector<std::string> octets, read_all(files));
  Findings sum;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto read = read_sarif(octets[i]);
    if (!read) return fail_in(files[i], read.error());
    sum.tool += (sum.tool.empty() ? "" : ", ") + read->tool;
    sum.errors += read->errors;
    sum.warnings += read->warnings;
    sum.notes += read->notes;
    sum.suppressed += read->suppressed;
  }
  return Json::object(
      {{"tool", sum.tool},
       {"counts", Json::object({{"error", sum.errors}, {"warning", sum.warnings}, {"note", sum.notes}})},
       {"suppressed", sum.suppressed},
       {"report", digest_of(octets)}});
}

Result<Json> json_predicate(const std::vector<std::string>& files) {
  if (files.size() != 1)
    return fail(ErrorKind::bad_input, "one document is one piece of evidence",
                "add each file with a command of its own");
  SIGNALBOX_TRY(const std::string octets, read_input(files.front()));
  auto document = parse_json(octets);
  if (!document) return fail_in(files.front(), std::move(document).error());
  return document;
}

Status check_job(const std::string& job) {
  constexpr std::size_t kMaxBytes = 200;
  if (!job.empty() && job.size() <= kMaxBytes && is_utf8(job) && printable(job) == job &&
      job.find('\n') == std::string::npos)
    return {};
  return fail(ErrorKind::bad_input, "--job: a name of one line is wanted", "--job unit-tests");
}

cli::Command reader_command(const std::string& name, const std::string& summary, const std::string& type,
                            Reader read) {
  cli::Command command;
  command.name = name;
  command.summary = summary;
  command.options = {
      {.name = "--subject", .value = "SUBJECT", .help = "git:REF, a file, or NAME=ALG:HEX", .repeated = true},
      {.name = "--type", .value = "URI", .help = "predicate type; by default " + type}};
  if (name != "json")
    command.options.push_back({.name = "--job",
                               .value = "NAME",
                               .help = "the CI job that wrote the report, for gates of the kind ci"});
  command.positionals = {
      {"FILE", "report to read; - is standard input", cli::Positional::Count::at_least_one}};
  command.run = [name, type, read](const cli::Arguments& arguments,
                                   cli::Context& context) -> Result<cli::Outcome> {
    SIGNALBOX_TRY(Json predicate, read(arguments.positionals()));
    const std::string given = whole_type(arguments.get_or("--type", type));
    // A document without a type of its own is wrapped, so that a predicate is always an object with known
    // members.
    if (name == "json" && !arguments.has("--type"))
      predicate = Json::object({{"document", std::move(predicate)}});
    if (const auto job = arguments.get("--job")) {
      SIGNALBOX_CHECK(check_job(*job));
      predicate.set("job", *job);
    }
    SIGNALBOX_TRY(std::vector<ev::Subject> subjects, subjects_from(arguments, context));
    Report report;
    const Json shown = predicate;
    SIGNALBOX_TRY(report,
                  record_statement(context, {std::move(subjects), given, std::move(predicate)},
                                   fmt::format("Evidence of {}", join(arguments.positionals(), ", "))));
    for (const auto& [key, value] : shown.members()) {
      if (key == "counts" && value.is_object()) {
        for (const auto& [level, count] : value.members()) report.facts.push_back({level + "s", count, ""});
      }
      if (value.is_number()) report.facts.push_back({key, value, key == "duration_ms" ? "ms" : ""});
    }
    return cli::Outcome(std::move(report));
  };
  return command;
}

}  // namespace

cli::Command add_command() {
  cli::Command command;
  command.name = "add";
  command.summary = "Record what CI already writes as signed evidence";
  command.commands = {
      reader_command("junit", "Record test results in JUnit XML", "evidence/tests/v1", junit_predicate),
      reader_command("sarif", "Record findings in SARIF 2.1.0", "evidence/findings/v1", sarif_predicate),
      add_sbom_command(), add_test_result_command(),
      reader_command("json", "Record a JSON document", "evidence/document/v1", json_predicate)};
  return command;
}

}  // namespace signalbox::evidence_command
