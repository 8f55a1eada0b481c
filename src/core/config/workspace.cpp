#include "core/config/workspace.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

// Git's common directory for the git directory `git`: worktrees name it in the file commondir.
fs::path common_directory(const fs::path& git) {
  const auto common = read_file(git / "commondir", 4096);
  if (!common) return git;
  const fs::path named{std::string(trim(*common))};
  return fs::weakly_canonical(named.is_absolute() ? named : git / named);
}

// The git directory of the work tree `folder`: .git itself, or what the file .git points to.
std::optional<fs::path> git_directory_in(const fs::path& folder) {
  const fs::path dot_git = folder / ".git";
  std::error_code ignored;
  if (fs::is_directory(dot_git, ignored) && fs::exists(dot_git / "HEAD", ignored))
    return common_directory(dot_git);
  if (fs::is_regular_file(dot_git, ignored)) {
    const auto text = read_file(dot_git, 4096);
    if (text && text->starts_with("gitdir:")) {
      const fs::path named{std::string(trim(std::string_view(*text).substr(7)))};
      return common_directory(fs::weakly_canonical(named.is_absolute() ? named : folder / named));
    }
  }
  const bool bare = fs::exists(folder / "HEAD", ignored) && fs::is_directory(folder / "objects", ignored) &&
                    fs::is_directory(folder / "refs", ignored);
  if (bare) return folder;
  return std::nullopt;
}

// Core knows no list of instruments, so a section that nobody asks for is no error; one that is a slip away
// from the asked one is.
Status refuse_slip(const config::Node& document, const std::string& instrument) {
  std::vector<std::string> others = {instrument};
  for (const auto& [key, value] : document.members()) {
    if (!nearest(key, {instrument})) others.push_back(key);
  }
  return document.only(others);
}

}  // namespace

Result<Workspace> find_workspace(const fs::path& start) {
  std::error_code error;
  const fs::path from = fs::canonical(start, error);
  if (error) return fail(error_from_errno(error.value(), start.string()));
  Workspace out;
  std::optional<fs::path> top;
  for (fs::path folder = from;; folder = folder.parent_path()) {
    if (!out.file && fs::is_regular_file(folder / "signalbox.yaml", error)) {
      out.file = folder / "signalbox.yaml";
      out.root = folder;
    }
    if (!top) {
      if (auto git = git_directory_in(folder)) {
        out.git_directory = std::move(git);
        top = folder;
        break;
      }
    }
    if (folder == folder.root_path()) break;
  }
  if (!out.file) out.root = top.value_or(from);
  out.state = out.git_directory ? *out.git_directory / "signalbox" : out.root / ".signalbox";
  out.name = out.root.filename().string();
  if (out.file) {
    SIGNALBOX_TRY(const config::Node document, config::read_yaml(*out.file));
    if (!document.is_map())
      return document.wrong("a map of sections is expected here", "start with `name: …`");
    if (document["name"].exists()) {
      SIGNALBOX_TRY(out.name, document["name"].text());
    }
  }
  return out;
}

Result<config::Node> section(const Workspace& workspace, std::string_view instrument) {
  config::Node inside;
  if (workspace.file) {
    SIGNALBOX_TRY(const config::Node document, config::read_yaml(*workspace.file));
    inside = document[instrument];
    if (!inside.exists()) {
      SIGNALBOX_CHECK(refuse_slip(document, std::string(instrument)));
    }
  }
  const fs::path beside = workspace.root / "signalbox" / (std::string(instrument) + ".yaml");
  std::error_code ignored;
  if (!fs::is_regular_file(beside, ignored)) return inside;
  if (inside.exists())
    return inside.wrong(fmt::format("this section stands in signalbox/{}.yaml too", instrument),
                        "keep one of the two");
  return config::read_yaml(beside);
}

fs::path keys_directory() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return fs::path(data) / "signalbox" / "keys";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/root") / ".local" / "share" / "signalbox" / "keys";
}

}  // namespace signalbox
