#include "core/git/changed_paths.hpp"

#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

constexpr std::size_t kMaxPendingBytes = std::size_t{1} << 20;  // a path is shorter

// Cuts what `git log -z --format=tformat:%x00%H --name-only` writes: an empty field, an id, then paths, of
// which the first has a line break before it.
class Fields {
 public:
  explicit Fields(const OnChangedPath& on_changed_path) : on_changed_path_(on_changed_path) {}

  Status take(std::string_view piece) {
    pending_ += piece;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = pending_.find('\0', start)) != std::string::npos; start = end + 1)
      read(std::string_view(pending_).substr(start, end - start));
    pending_.erase(0, start);
    if (pending_.size() > kMaxPendingBytes) return fail(ErrorKind::internal, "git log: a path without end");
    return {};
  }

 private:
  void read(std::string_view field) {
    if (field.empty()) {
      next_ = Next::id;
    } else if (next_ == Next::id) {
      commit_ = field;
      next_ = Next::first_path;
    } else {
      if (next_ == Next::first_path) field.remove_prefix(1);
      next_ = Next::path;
      on_changed_path_(commit_, field);
    }
  }

  enum class Next { id, first_path, path };
  const OnChangedPath& on_changed_path_;
  std::string pending_;
  std::string commit_;
  Next next_ = Next::id;
};

}  // namespace

Status read_changed_paths(const Repository& repository, const std::vector<std::string>& range,
                          const OnChangedPath& on_changed_path) {
  std::string input;
  for (const std::string& id : range) input += id + "\n";
  Fields fields(on_changed_path);
  return stream_git(
      repository.directory(),
      {"-c", "log.showRoot=true", "log", "-z", "--format=tformat:%x00%H", "--name-only", "--no-renames",
       "--no-relative", "--diff-merges=first-parent", "--ignore-submodules=none", "--no-show-signature",
       "--no-notes", "--no-decorate", "--no-color", "--stdin"},
      input, [&](std::string_view piece) { return fields.take(piece); });
}

}  // namespace signalbox::git
