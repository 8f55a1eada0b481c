#include "core/recording/subjects.hpp"

#include <filesystem>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/git/repository.hpp"

namespace signalbox::recording {

Result<evidence::Subject> subject_of(const std::string& text, const Workspace& workspace) {
  if (text.starts_with("git:")) {
    SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(workspace.root));
    SIGNALBOX_TRY(const std::string commit, repository.resolve(text.substr(4)));
    return evidence::Subject{workspace.name, {{"gitCommit", commit}}};
  }
  std::error_code error;
  if (std::filesystem::is_regular_file(text, error)) {
    SIGNALBOX_TRY(const std::string octets, read_file(text));
    return evidence::Subject{std::filesystem::path(text).filename().string(),
                             {{"sha256", to_hex(sha256(octets))}}};
  }
  const std::size_t equals = text.rfind('=');
  auto subject = evidence::subject_from_text(equals == std::string::npos ? text : text.substr(equals + 1));
  if (!subject)
    return fail(ErrorKind::bad_input, "--subject: " + subject.error().message,
                "a subject is git:REF, a file, or NAME=ALG:HEX");
  if (equals != std::string::npos) subject->name = text.substr(0, equals);
  return subject;
}

Result<std::vector<evidence::Subject>> subjects_of(const std::vector<std::string>& texts,
                                                   const Workspace& workspace) {
  std::vector<evidence::Subject> out;
  for (const std::string& text : texts) {
    SIGNALBOX_TRY(evidence::Subject subject, subject_of(text, workspace));
    out.push_back(std::move(subject));
  }
  if (!out.empty()) return out;
  const auto repository = git::Repository::open(workspace.root);
  const bool is_clean = repository && !repository->is_empty() && !repository->is_bare() &&
                        repository->is_clean().value_or(false);
  if (!is_clean)
    return fail(ErrorKind::bad_input, "--record: about which release? this is no clean work tree of a commit",
                "--subject git:REF, a file, or NAME=ALG:HEX");
  SIGNALBOX_TRY(evidence::Subject commit, subject_of("git:HEAD", workspace));
  out.push_back(std::move(commit));
  return out;
}

}  // namespace signalbox::recording
