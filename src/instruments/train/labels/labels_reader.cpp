#include "instruments/train/labels/labels_reader.hpp"

#include "core/base/file.hpp"

namespace signalbox::train {

Result<PullRequests> read_pull_requests(const std::string& file) {
  SIGNALBOX_TRY(const std::string octets, read_file(file == "-" ? "/dev/stdin" : file, kMaxExportBytes));
  auto requests = parse_pull_requests(octets);
  if (!requests) return fail_in(file, std::move(requests).error());
  return requests;
}

Result<NotesRules> read_release_yml(const git::Repository& repository, const std::string& commit) {
  if (commit.empty()) return NotesRules();
  for (const char* path : {".github/release.yml", ".github/release.yaml"}) {
    auto octets = repository.file_at(commit, path);
    if (octets) return parse_release_yml(*octets, path);
    if (octets.error().kind != ErrorKind::not_found) return fail(std::move(octets).error());
  }
  return NotesRules();
}

}  // namespace signalbox::train
