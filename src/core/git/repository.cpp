#include "core/git/repository.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

// One record of `git log -z`: these fields, each ended by NUL (the message by the record's own).
constexpr std::string_view kLogFormat = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B";
constexpr std::size_t kLogFields = 7;
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;

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

// What lies behind an id: a tag of a tag of a commit is that commit.
Tag peel(ObjectReader& reader, std::string_view hex, IdFormat format) {
  constexpr int deepest = 32;
  Tag out;
  std::optional<ObjectId> id = parse_object_id(hex);
  Object object;
  for (int depth = 0; id && depth < deepest; ++depth) {
    const auto type = reader.type(*id);
    if (!type) {
      out.missing = type.error().kind == ErrorKind::unavailable;
      return out;
    }
    if (*type == ObjectType::commit) out.commit = to_hex(*id, format);
    if (*type != ObjectType::tag) return out;
    if (!reader.read(*id, object)) return out;
    const auto tag = parse_tag_object(object.octets);
    id = tag ? std::optional(tag->target) : std::nullopt;
  }
  return out;
}

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
                run_git(directory, {"rev-parse", "--path-format=absolute", "--is-bare-repository",
                                    "--is-shallow-repository", "--show-object-format", "--git-path",
                                    "objects", "--git-common-dir", "HEAD"}));
  const std::vector<std::string_view> answers = lines(said.output);
  if (answers.size() < 5) return fail(error_of_git(directory.string(), said));
  Repository repository;
  repository.directory_ = std::filesystem::absolute(directory);
  repository.bare_ = answers[0] == "true";
  repository.shallow_ = answers[1] == "true";
  repository.id_format_ = answers[2] == "sha256" ? IdFormat::sha256 : IdFormat::sha1;
  repository.objects_ = answers[3];
  repository.common_directory_ = answers[4];
  if (said.exit_code == 0 && answers.size() > 5 && parse_object_id(answers[5])) repository.head_ = answers[5];
  return repository;
}

Result<std::string> Repository::resolve(std::string_view revision) const {
  if (revision == "HEAD" && !head_.empty()) return head_;
  SIGNALBOX_CHECK(check_revision(revision));
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(directory_, {"rev-parse", "--verify", "--quiet", "--end-of-options",
                                     std::string(revision) + "^{commit}"}));
  const std::string id(trim(said.output));
  if (said.exit_code == 0 && parse_object_id(id)) return id;
  if (is_empty())
    return fail(ErrorKind::not_found,
                fmt::format("no commit {}: the repository has no commits yet", printable(revision)));
  std::string hint = "git tag and git branch list the names there are";
  SIGNALBOX_TRY(const ProcessResult refs, run_git(directory_, {"for-each-ref", "--format=%(refname:short)"}));
  std::vector<std::string> names;
  for (const std::string_view name : lines(refs.output)) names.emplace_back(name);
  if (const auto near = nearest(revision, names)) hint = fmt::format("did you mean {}?", printable(*near));
  return fail(ErrorKind::not_found, fmt::format("no commit {}", printable(revision)), hint);
}

// Names and ids of the tags; from git where its files hold anything that only it should judge.
Result<std::vector<TagRef>> Repository::tag_refs() const {
  if (auto refs = read_tag_refs(common_directory_)) return std::move(*refs);
  SIGNALBOX_TRY(
      const ProcessResult said,
      run_git(directory_, {"for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/tags/"}));
  if (said.exit_code != 0) return fail(error_of_git("git for-each-ref", said));
  std::vector<TagRef> refs;
  for (const std::string_view line : lines(said.output)) {
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) refs.emplace_back(line.substr(space + 1), line.substr(0, space));
  }
  return refs;
}

Result<std::vector<Tag>> Repository::tags() const {
  SIGNALBOX_TRY(const std::vector<TagRef> refs, tag_refs());
  const ObjectStore store = objects();
  std::vector<Tag> tags(refs.size());
  constexpr std::size_t at_once = 64;
  for_each_in_parallel((refs.size() + at_once - 1) / at_once, [&](std::size_t part) {
    ObjectReader reader(store);
    for (std::size_t i = part * at_once; i < std::min(refs.size(), (part + 1) * at_once); ++i) {
      tags[i] = peel(reader, refs[i].second, store.format());
      tags[i].name = refs[i].first;
    }
  });
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

Result<std::vector<std::string>> Repository::commit_ids(const std::vector<std::string>& range) const {
  SIGNALBOX_TRY(std::string input, revisions_input(range));
  SIGNALBOX_TRY(const ProcessResult said, run_git(directory_, {"rev-list", "--stdin"}, std::move(input)));
  if (said.exit_code != 0) return fail(error_of_git("git rev-list", said));
  std::vector<std::string> out;
  for (const std::string_view line : lines(said.output)) out.emplace_back(line);
  return out;
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
  if (!parse_object_id(revision)) {
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
