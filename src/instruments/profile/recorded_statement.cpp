#include "instruments/profile/recorded_statement.hpp"

#include <algorithm>

#include "core/recording/recording.hpp"
#include "instruments/profile/analysis/predicates.hpp"

namespace signalbox::profile {

void add_profile(evidence::Statement& statement, const Profile& profile, const std::string& file,
                 const std::string& sha256) {
  for (evidence::Subject& subject : subjects_of(profile, file, sha256)) {
    const bool is_known =
        std::any_of(statement.subjects.begin(), statement.subjects.end(),
                    [&](const evidence::Subject& other) { return other.digest == subject.digest; });
    if (!is_known) statement.subjects.push_back(std::move(subject));
  }
}

void add_commit(evidence::Statement& statement, const Profile& profile) {
  const auto commit = annotation(profile.annotations, annotation_key::kGitCommit);
  if (!commit || annotation(profile.annotations, annotation_key::kGitDirty) != "no") return;
  statement.subjects.push_back({"repository", {{"gitCommit", std::string(*commit)}}});
}

Status record_run(const Profile& profile, const Written& written, cli::Context& context, Report& report) {
  if (!context.record || written.files.empty()) return {};
  evidence::Statement statement;
  for (const WrittenFile& file : written.files)
    add_profile(statement, profile, file.path.filename().native(), file.sha256);
  add_commit(statement, profile);
  statement.predicate_type = std::string(kRunPredicate);
  statement.predicate = run_predicate(profile);
  return recording::record_statement(std::move(statement), context, report);
}

}  // namespace signalbox::profile
