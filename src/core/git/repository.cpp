#include "core/git/repository.hpp"

#include <array>
#include <charconv>
#include <iterator>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

// One record of `git log -z`: these fields, each ended by NUL (the message by the record's own).
constexpr std::string_view kLogFormat = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B";
constexpr std::size_t kLogFields = 7;
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<std::string> ids(std::string_view spaced) {
  std::vector<std::string> out;
  while (!spaced.empty()) {
    const std::size_t space = spaced.find(' ');
    out.emplace_back(spaced.substr(0, space));
    spaced.remove_prefix(space == std::string_view::npos ? spaced.size() : space + 1);
  }
  return out;
}

std::int64_t seconds(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Commit commit_of(const std::array<std::string_view, kLogFields>& fields) {
  Commit commit;
  commit.id = fields[0];
  commit.parents = ids(fields[1]);
  commit.author = {std::string(fields[2]), std::string(fields[3])};
  commit.author_time_s = seconds(fields[4]);
  commit.committer_time_s = seconds(fields[5]);
  commit.message = fields[6];
  return commit;
}

// Cuts a stream of octets into records of fields that each end in NUL.
class RecordReader {
 public:
  using Fields = std::array<std::string_view, kLogFields>;
  explicit RecordReader(const std::function<void(const Fields&)>& visit) : visit_(visit) {}

  Status take(std::string_view piece) {
    pending_ += piece;
    std::size_t start = 0;
    Fields fields;
    while (read_record(start, fields)) visit_(fields);
    pending_.erase(0, start);
    if (pending_.size() > kMaxRecordBytes)
      return fail(ErrorKind::bad_input, "git log: a commit of more than 64 MiB");
    return {};
  }

  bool is_complete() const { return pending_.empty(); }

 private:
  bool read_record(std::size_t& start, Fields& fields) const {
    std::size_t at = start;
    for (std::string_view& field : fields) {
      const std::size_t end = pending_.find('\0', at);
      if (end == std::string::npos) return false;
      field = std::string_view(pending_).substr(at, end - at);
      at = end + 1;
    }
    start = at;
    return true;
  }

  const std::function<void(const Fields&)>& visit_;
  std::string pending_;
};

Status check_revision(std::string_view revision) {
  if (revision.empty()) return fail(ErrorKind::bad_input, "an empty revision");
  if (revision.find_first_of(std::string_view("\0\n", 2)) != std::string_view::npos) {
    return fail(ErrorKind::bad_input, "a revision with a line break: " + printable(revision));
  }
  return {};
}

Status check_path(std::string_view path) {
  const bool is_outside =
      path.empty() || path.front() == '/' || path.starts_with("./") || path.starts_with("../");
  if (is_outside || path.find_first_of(std::string_view("\0\n", 2)) != std::string_view::npos) {
    return fail(ErrorKind::bad_input, "not a path inside a repository: " + printable(path));
  }
  return {};
}

}  // namespace

Result<Repository> Repository::open(const std::filesystem::path& directory) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored)) {
    return fail(ErrorKind::not_found, "no such folder: " + directory.string());
  }
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(directory, {"rev-parse", "--is-bare-repository", "--is-shallow-repository", "HEAD"}));
  const std::vector<std::string_view> answers = lines(said.output);
  if (answers.size() < 2) return fail(error_of_git(directory.string(), said));
  Repository repository;
  repository.directory_ = std::filesystem::absolute(directory);
  repository.bare_ = answers[0] == "true";
  repository.shallow_ = answers[1] == "true";
  repository.empty_ = said.exit_code != 0;
  return repository;
}

Result<std::string> Repository::resolve(std::string_view revision) const {
  SIGNALBOX_CHECK(check_revision(revision));
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(directory_, {"rev-parse", "--verify", "--quiet", "--end-of-options",
                                     std::string(revision) + "^{commit}"}));
  const std::string id(trim(said.output));
  if (said.exit_code == 0 && is_object_id(id)) return id;
  if (empty_)
    return fail(ErrorKind::not_found,
                fmt::format("no commit {}: the repository has no commits yet", printable(revision)));
  std::string hint = "git tag and git branch list the names there are";
  SIGNALBOX_TRY(const ProcessResult refs, run_git(directory_, {"for-each-ref", "--format=%(refname:short)"}));
  std::vector<std::string> names;
  for (const std::string_view name : lines(refs.output)) names.emplace_back(name);
  if (const auto near = nearest(revision, names)) hint = fmt::format("did you mean {}?", printable(*near));
  return fail(ErrorKind::not_found, fmt::format("no commit {}", printable(revision)), hint);
}

Result<std::vector<Tag>> Repository::tags() const {
  SIGNALBOX_TRY(
      const ProcessResult refs,
      run_git(directory_, {"for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/tags/"}));
  if (refs.exit_code != 0) return fail(error_of_git("git for-each-ref", refs));
  std::vector<Tag> tags;
  std::string questions;
  for (const std::string_view line : lines(refs.output)) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    tags.push_back({std::string(line.substr(space + 1)), {}, false});
    // Two questions a tag, because git peels as far as asked: the commit behind it, and whether anything is
    // behind it at all.
    questions += fmt::format("{0}^{{commit}}\n{0}^{{}}\n", line.substr(0, space));
  }
  if (tags.empty()) return tags;
  SIGNALBOX_TRY(const ProcessResult peeled,
                run_git(directory_, {"cat-file", "--batch-check=%(objectname) %(objecttype)"}, questions));
  const std::vector<std::string_view> answers = lines(peeled.output);
  if (answers.size() != 2 * tags.size()) return fail(error_of_git("git cat-file", peeled));
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const std::string_view id = answers[2 * i].substr(0, answers[2 * i].find(' '));
    if (answers[2 * i].ends_with(" commit") && is_object_id(id)) tags[i].commit = id;
    tags[i].missing = tags[i].commit.empty() && answers[2 * i + 1].ends_with(" missing");
  }
  return tags;
}

Result<std::vector<std::string>> Repository::merged_tags(std::string_view revision) const {
  SIGNALBOX_TRY(const std::string id, resolve(revision));
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"for-each-ref", "--merged=" + id,
                                                               "--format=%(refname:strip=2)", "refs/tags/"}));
  if (said.exit_code != 0) return fail(error_of_git("git for-each-ref", said));
  std::vector<std::string> names;
  for (const std::string_view name : lines(said.output)) names.emplace_back(name);
  return names;
}

Result<std::vector<std::string>> Repository::tags_holding(std::string_view revision) const {
  SIGNALBOX_TRY(const std::string id, resolve(revision));
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"for-each-ref", "--contains=" + id,
                                                               "--format=%(refname:strip=2)", "refs/tags/"}));
  if (said.exit_code != 0) return fail(error_of_git("git for-each-ref", said));
  std::vector<std::string> names;
  for (const std::string_view name : lines(said.output)) names.emplace_back(name);
  return names;
}

Result<bool> Repository::is_ancestor(std::string_view ancestor, std::string_view revision) const {
  SIGNALBOX_TRY(const std::string from, resolve(ancestor));
  SIGNALBOX_TRY(const std::string to, resolve(revision));
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"merge-base", "--is-ancestor", from, to}));
  if (said.exit_code > 1) return fail(error_of_git("git merge-base", said));
  return said.exit_code == 0;
}

Result<std::string> Repository::revisions_input(const std::vector<std::string>& range) const {
  if (range.empty()) return fail(ErrorKind::internal, "git log without a revision");
  std::string input;
  for (const std::string& revision : range) {
    SIGNALBOX_CHECK(check_revision(revision));
    const std::string_view name = std::string_view(revision).substr(revision.front() == '^' ? 1 : 0);
    if (name.starts_with('-')) {  // git would take it for an option
      SIGNALBOX_TRY(const std::string id, resolve(name));
      input += revision.front() == '^' ? "^" + id : id;
    } else {
      input += revision;
    }
    input += '\n';
  }
  return input;
}

Status Repository::log(const std::vector<std::string>& range, Order order,
                       const std::function<void(Commit&&)>& visit) const {
  SIGNALBOX_TRY(const std::string input, revisions_input(range));
  std::vector<std::string> arguments = {
      "log",           "-z",           std::string(kLogFormat), "--encoding=none", "--no-color",
      "--no-decorate", "--no-mailmap", "--no-show-signature",   "--no-notes",      "--no-patch",
      "--stdin"};
  if (order == Order::topological) arguments.emplace_back("--topo-order");
  const std::function<void(const RecordReader::Fields&)> read = [&](const RecordReader::Fields& fields) {
    visit(commit_of(fields));
  };
  RecordReader reader(read);
  SIGNALBOX_CHECK(
      stream_git(directory_, arguments, input, [&](std::string_view piece) { return reader.take(piece); }));
  if (!reader.is_complete()) return fail(ErrorKind::internal, "git log: its output ended inside a commit");
  return {};
}

Result<std::vector<Repository::Edge>> Repository::graph(const std::vector<std::string>& range) const {
  SIGNALBOX_TRY(const std::string input, revisions_input(range));
  std::vector<Edge> edges;
  std::string pending;
  const auto take = [&](std::string_view piece) -> Status {
    pending += piece;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
      std::vector<std::string> line = ids(std::string_view(pending).substr(start, end - start));
      Edge edge;
      edge.id = std::move(line.front());
      edge.parents.assign(std::make_move_iterator(line.begin() + 1), std::make_move_iterator(line.end()));
      edges.push_back(std::move(edge));
    }
    pending.erase(0, start);
    return {};
  };
  SIGNALBOX_CHECK(stream_git(directory_, {"rev-list", "--parents", "--stdin"}, input, take));
  return edges;
}

Result<std::uint64_t> Repository::count(const std::vector<std::string>& range) const {
  SIGNALBOX_TRY(std::string input, revisions_input(range));
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(directory_, {"rev-list", "--count", "--stdin"}, std::move(input)));
  if (said.exit_code != 0) return fail(error_of_git("git rev-list", said));
  const auto count = parse_integer(trim(said.output));
  if (!count || *count < 0) return fail(ErrorKind::internal, "git rev-list --count: no number");
  return static_cast<std::uint64_t>(*count);
}

Result<std::string> Repository::file_at(std::string_view revision, std::string_view path) const {
  SIGNALBOX_CHECK(check_path(path));
  std::string id(revision);
  if (!is_object_id(revision)) {
    SIGNALBOX_TRY(id, resolve(revision));
  }
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(directory_, {"cat-file", "--batch"}, fmt::format("{}:{}\n", id, path)));
  const std::size_t line_end = said.output.find('\n');
  if (said.exit_code != 0 || line_end == std::string::npos) return fail(error_of_git("git cat-file", said));
  const std::vector<std::string_view> header = split(std::string_view(said.output).substr(0, line_end), ' ');
  if (header.size() != 3 || header[1] != "blob") {
    return fail(ErrorKind::not_found, fmt::format("no file {} in {}", printable(path), printable(revision)));
  }
  const auto size = parse_integer(header[2]);
  const std::size_t start = line_end + 1;
  if (!size || said.output.size() < start + static_cast<std::size_t>(*size))
    return fail(ErrorKind::internal, "git cat-file: cut short");
  return said.output.substr(start, static_cast<std::size_t>(*size));
}

Result<bool> Repository::is_clean() const {
  if (bare_) return false;
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"status", "--porcelain=v1", "-z",
                                                               "--untracked-files=normal", "--no-renames"}));
  if (said.exit_code != 0) return fail(error_of_git("git status", said));
  return said.output.empty();
}

Result<std::vector<std::string>> Repository::changed_files(std::string_view from, std::string_view to) const {
  SIGNALBOX_TRY(const std::string old_id, resolve(from));
  SIGNALBOX_TRY(const std::string new_id, resolve(to));
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"diff-tree", "-r", "-z", "--name-only",
                                                               "--no-renames", old_id, new_id}));
  if (said.exit_code != 0) return fail(error_of_git("git diff-tree", said));
  std::vector<std::string> files;
  for (const std::string_view name : split(said.output, '\0')) {
    if (!name.empty()) files.emplace_back(name);
  }
  return files;
}

Result<std::string> Repository::remote_url() const {
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"config", "--get", "remote.origin.url"}));
  std::string url(trim(said.output));
  if (said.exit_code != 0 || url.empty())
    return fail(ErrorKind::not_found, "the repository has no remote named origin");
  const std::size_t scheme = url.find("://");
  if (scheme != std::string::npos) {
    const std::size_t host = scheme + 3;
    const std::size_t slash = url.find('/', host);
    const std::size_t at = url.rfind('@', slash);
    if (at != std::string::npos && at > host) url.erase(host, at + 1 - host);
  }
  return url;
}

}  // namespace signalbox::git
