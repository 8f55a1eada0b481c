// The commands of `signalbox evidence`, and what they share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/console/instrument.hpp"
#include "core/evidence/recorder.hpp"

namespace signalbox::evidence_command {

cli::Command add_command();
cli::Command add_sbom_command();         // of `add`
cli::Command add_test_result_command();  // likewise
cli::Command key_command();
cli::Command statement_command();
cli::Command sign_command();
cli::Command append_command();
cli::Command import_command();
cli::Command verify_command();
cli::Command check_command();
cli::Command lint_command();
cli::Command prove_command();
cli::Command consistency_command();
cli::Command bundle_command();
cli::Command unbundle_command();
cli::Command query_command();
cli::Command show_command();
cli::Command log_command();
cli::Command drain_command();       // of `log`
cli::Command audit_command();       // likewise
cli::Command log_export_command();  // likewise
cli::Command log_import_command();  // likewise
cli::Command watch_command();
cli::Command collect_command();
cli::Command witness_command();
cli::Command redact_command();
cli::Command replay_command();
cli::Command summarize_command();
cli::Command trust_change_command();

std::vector<http::Route> routes(std::shared_ptr<const Services> services);
http::Route check_route(std::shared_ptr<const Services> services);
http::Route timeline_route(std::shared_ptr<const Services> services);
std::vector<http::Route> witness_routes(const std::shared_ptr<const Services>& services);
std::vector<http::Route> lab_routes(const std::shared_ptr<const Services>& services);

// Who is trusted in this workspace: section `trust` of signalbox.yaml (or signalbox/trust.yaml); without one
// the keys of this machine.
Result<evidence::Trust> workspace_trust(const Workspace& workspace);

// "git:REF" (a clean work tree when REF is HEAD), "NAME=ALG:HEX", "ALG:HEX", or a file, by its SHA-256.
Result<evidence::Subject> subject_from_argument(const cli::Context& context, const std::string& argument);
// Each --subject of the command; with none: bad_input.
Result<std::vector<evidence::Subject>> subjects_from(const cli::Arguments& arguments,
                                                     const cli::Context& context);

// A size or an index as it was given; `what` it is for whoever gave something else.
Result<std::uint64_t> number_from(const std::string& text, std::string_view what);
// The index of an entry, from its index or its leaf hash.
Result<std::uint64_t> find_entry(const evidence::Ledger& ledger, const std::string& text);

// "evidence/tests/v1" is short for the whole URI.
std::string whole_type(const std::string& type);
std::string short_type(std::string_view type);
std::string subject_text(const evidence::Subject& subject);  // "gitCommit:1a2b…", the first digest

// A statement in an envelope signed by this machine and appended; the report tells index, leaf and whose word
// it is.
Result<Report> record_statement(cli::Context& context, evidence::Statement statement,
                                const std::string& title);

// The file, or standard input where it is "-".
Result<std::string> read_input(const std::string& file);

// One JSON document of a file, with the name that messages call it by: the file's, and the line of JSON
// lines.
struct Document {
  std::string name;
  std::string_view text;  // in the text that was split
};
// JSON lines where the first line is a whole object and others follow it, else one document, as it is. Empty
// lines are left out.
std::vector<Document> documents_of(const std::string& file, std::string_view text);

}  // namespace signalbox::evidence_command
