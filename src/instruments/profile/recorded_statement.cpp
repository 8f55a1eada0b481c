#include "instruments/profile/recorded_statement.hpp"

#include <fmt/format.h>

#include "core/remote/remote_log.hpp"
#include "instruments/profile/analysis/predicates.hpp"

namespace signalbox::profile {
namespace {

std::string annotation_of(const Profile& profile, std::string_view key) {
  for (const auto& [name, value] : profile.annotations) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

void add_commit(evidence::Statement& statement, const Profile& profile) {
  const std::string commit = annotation_of(profile, annotation_key::kGitCommit);
  if (commit.empty() || annotation_of(profile, annotation_key::kGitDirty) != "no") return;
  statement.subjects.push_back({"repository", {{"gitCommit", commit}}});
}

Status record_statement(evidence::Statement statement, cli::Context& context, Report& report) {
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const evidence::Receipt receipt, book.record(std::move(statement)));
  if (book.created_key()) {
    context.say(
        fmt::format("made this machine's key {}: until trust names keys, its evidence is self-trusted",
                    book.own_key().name));
  }
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, book.own_key().name), ""});
  report.data.set("recorded", receipt.index);
  return {};
}

}  // namespace signalbox::profile
