#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/readers/readers.hpp"
#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Json predicate_of(const TestResults& results, std::string_view octets) {
  Json failed = Json::array();
  for (const std::string& name : results.failed) failed.push_back(name);
  return Json::object({{"tool", results.tool},
                       {"tests", results.tests},
                       {"failures", results.failures},
                       {"errors", results.errors},
                       {"skipped", results.skipped},
                       {"duration_ms", results.duration_ms},
                       {"failed", std::move(failed)},
                       {"report", "sha256:" + to_hex(sha256(octets))}});
}

// A statement about one commit is no evidence about another: each --subject has to be among its own.
Status check_same(const std::vector<ev::Subject>& own, const std::vector<ev::Subject>& asked) {
  for (const ev::Subject& subject : asked) {
    if (std::any_of(own.begin(), own.end(), [&](const ev::Subject& one) { return matches(one, subject); }))
      continue;
    return fail(ErrorKind::bad_input, fmt::format("it is about {}, not about {}", subject_text(own.front()),
                                                  subject_text(subject)));
  }
  return {};
}

Result<std::vector<ev::Subject>> subjects_for(std::string_view octets, const TestResultStatement& read,
                                              const cli::Arguments& arguments, const cli::Context& context) {
  if (read.subjects.is_null()) return subjects_from(arguments, context);
  SIGNALBOX_TRY(ev::Statement statement, ev::parse_statement(octets));
  if (!arguments.has("--subject")) return std::move(statement.subjects);
  SIGNALBOX_TRY(std::vector<ev::Subject> asked, subjects_from(arguments, context));
  SIGNALBOX_CHECK(check_same(statement.subjects, asked));
  return asked;
}

Result<cli::Outcome> add_test_result(const cli::Arguments& arguments, cli::Context& context) {
  const std::string& file = arguments.positionals().front();
  SIGNALBOX_TRY(const std::string octets, read_input(file));
  const auto read = read_test_result(octets);
  if (!read) return fail_in(file, read.error());
  auto subjects = subjects_for(octets, *read, arguments, context);
  if (!subjects) return fail_in(file, std::move(subjects).error());
  SIGNALBOX_TRY(Report report, record_statement(context,
                                                {std::move(*subjects), whole_type("evidence/tests/v1"),
                                                 predicate_of(read->results, octets)},
                                                "Evidence of " + file));
  report.facts.push_back({"tests", read->results.tests, ""});
  report.facts.push_back({"failures", read->results.failures, ""});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command add_test_result_command() {
  return {.name = "test-result",
          .summary = "Record an in-toto test result as evidence/tests/v1",
          .details =
              "Its predicate, or a whole statement that is not signed. The tests are those that it names. A "
              "statement that somebody signed goes into the log as it is, by 'signalbox evidence import'.",
          .options = {{.name = "--subject",
                       .value = "SUBJECT",
                       .help = "git:REF, a file, or NAME=ALG:HEX; by default what the statement is about",
                       .repeated = true}},
          .positionals = {{"FILE", "test result as JSON; - is standard input"}},
          .run = add_test_result};
}

}  // namespace signalbox::evidence_command
