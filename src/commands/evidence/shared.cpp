#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"
#include "core/git/repository.hpp"
#include "core/recording/recording.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Result<ev::Subject> git_subject(const Workspace& workspace, const std::string& revision) {
  SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(workspace.root));
  SIGNALBOX_TRY(const std::string commit, repository.resolve(revision));
  if (revision == "HEAD" && !repository.is_bare()) {
    SIGNALBOX_TRY(const bool clean, repository.is_clean());
    if (!clean) {
      return fail(ErrorKind::bad_input,
                  "git:HEAD: the work tree holds changes that this commit does not have",
                  "commit or stash them: evidence about a commit must come from that commit");
    }
  }
  return ev::Subject{.name = workspace.name, .digest = {{"gitCommit", commit}}};
}

}  // namespace

Result<ev::Trust> workspace_trust(const Workspace& workspace) {
  return ev::trust_of(workspace);
}

Result<ev::Subject> subject_from_argument(const cli::Context& context, const std::string& argument) {
  if (argument.rfind("git:", 0) == 0) return git_subject(context.workspace, argument.substr(4));
  const std::size_t equals = argument.rfind('=');
  const std::string digest = equals == std::string::npos ? argument : argument.substr(equals + 1);
  auto subject = ev::subject_from_text(digest);
  // A digest is never taken for a file's name: a checkout might hold a file that is called like it.
  if (!subject && std::filesystem::exists(argument)) {
    SIGNALBOX_TRY(const std::string octets, read_file(argument));
    return ev::Subject{.name = std::filesystem::path(argument).filename().string(),
                       .digest = {{"sha256", to_hex(sha256(octets))}}};
  }
  if (!subject)
    return fail(ErrorKind::bad_input, subject.error().message,
                "a subject is git:REF, a file, or NAME=ALG:HEX");
  if (equals != std::string::npos) subject->name = argument.substr(0, equals);
  return subject;
}

Result<std::vector<ev::Subject>> subjects_from(const cli::Arguments& arguments, const cli::Context& context) {
  std::vector<ev::Subject> out;
  for (const std::string& argument : arguments.all("--subject")) {
    SIGNALBOX_TRY(ev::Subject subject, subject_from_argument(context, argument));
    out.push_back(std::move(subject));
  }
  if (out.empty())
    return fail(ErrorKind::bad_input, "about what? give --subject",
                "--subject git:HEAD, a file, or NAME=ALG:HEX");
  return out;
}

std::string whole_type(const std::string& type) {
  const bool shortened = type.find(':') == std::string::npos && type.find('/') != std::string::npos;
  return shortened ? std::string(ev::kPredicatePrefix) + type : type;
}

std::string short_type(std::string_view type) {
  const bool own = type.substr(0, ev::kPredicatePrefix.size()) == ev::kPredicatePrefix;
  return printable(own ? type.substr(ev::kPredicatePrefix.size()) : type);
}

std::string subject_text(const ev::Subject& subject) {
  if (subject.digest.empty()) return {};
  return subject.digest.begin()->first + ":" + subject.digest.begin()->second;
}

Result<Report> record_statement(cli::Context& context, ev::Statement statement, const std::string& title) {
  const std::string type = short_type(statement.predicate_type);
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  std::string about = subject_text(statement.subjects.front());
  SIGNALBOX_TRY(const ev::Receipt receipt, book.record(std::move(statement)));
  Report report;
  report.instrument = "evidence";
  report.title = title;
  report.verdict = Verdict::pass;
  report.summary = fmt::format("recorded as entry {} of the log", receipt.index);
  report.facts = {{"entry", receipt.index, ""},
                  {"type", type, ""},
                  {"subject", about, ""},
                  {"leaf", to_hex(receipt.leaf), ""},
                  {"signed by", book.own_key().name + " (" + book.own_key().id() + ")", ""}};
  report.data = Json::object({{"index", receipt.index},
                              {"leaf", to_hex(receipt.leaf)},
                              {"time", to_rfc3339(receipt.time)},
                              {"key", book.own_key().vkey()}});
  recording::tell_of_new_key(book, context);
  if (remote::is_server(context.store)) {
    report.facts.push_back({"kept by", printable(context.store), ""});
  } else {
    report.next = {fmt::format("signalbox evidence show {}", receipt.index)};
  }
  return report;
}

std::vector<Document> documents_of(const std::string& file, std::string_view text) {
  std::vector<Document> out;
  std::size_t number = 0;
  for (const std::string_view line : lines(text)) {
    ++number;
    if (!trim(line).empty()) out.push_back({fmt::format("{}:{}", file, number), trim(line)});
  }
  const bool is_lines =
      out.size() > 1 && out.front().text.starts_with('{') && out.front().text.ends_with('}');
  if (!is_lines && !out.empty()) return {{file, text}};  // as it is: its size counts
  return out;
}

Result<std::string> read_input(const std::string& file) {
  constexpr std::size_t max_bytes = std::size_t{64} << 20;
  return read_file(file == "-" ? "/dev/stdin" : file, max_bytes);
}

Result<std::uint64_t> number_from(const std::string& text, std::string_view what) {
  const auto value = parse_integer(text);
  if (!value || *value < 0)
    return fail(ErrorKind::bad_input, fmt::format("{}: not a {}", printable(text), what));
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> find_entry(const ev::Ledger& ledger, const std::string& text) {
  if (text.size() != 64) return number_from(text, "index of an entry or a leaf hash");
  SIGNALBOX_TRY(const Sha256 leaf, sha256_from_hex(text));
  return ledger.find_leaf(leaf);
}

}  // namespace signalbox::evidence_command
