#include "instruments/profile/sources/source_finder.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/text.hpp"
#include "core/base/trusted_file.hpp"
#include "core/git/git_process.hpp"
#include "instruments/profile/sources/source_paths.hpp"
#include "instruments/profile/symbols/debuginfod_client.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAskedBuilds = 3;  // of servers, for one file

bool is_commit_id(std::string_view text) {
  constexpr std::size_t kFewest = 7;
  constexpr std::size_t kMost = 64;
  return text.size() >= kFewest && text.size() <= kMost &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Why these octets are not the file that is sought; empty: they may be.
std::string objection_to(std::string_view text, const SourceWanted& wanted) {
  if (text.size() > kMaxSourceBytes) return fmt::format("larger than {} MiB", kMaxSourceBytes >> 20);
  if (text.find('\0') != std::string_view::npos) return "no text";
  const std::size_t count = lines(text).size();
  if (static_cast<std::int64_t>(count) < wanted.last_line)
    return fmt::format("has {}, and the profile line {}", counted(count, "line"), wanted.last_line);
  return {};
}

// A regular file of a commit, by its path.
struct TreeFile {
  std::string id;
  std::string path;
};

// "100644 blob ID\tPATH\0" each (git-ls-tree(1)). Links and folders are left out.
std::vector<TreeFile> tree_files(std::string_view listed) {
  std::vector<TreeFile> out;
  for (const std::string_view entry : split(listed, '\0')) {
    const std::size_t tab = entry.find('\t');
    if (tab == std::string_view::npos || !entry.starts_with("100")) continue;
    const std::vector<std::string_view> words = split(entry.substr(0, tab), ' ');
    if (words.size() == 3 && words[1] == "blob")
      out.push_back({std::string(words[2]), std::string(entry.substr(tab + 1))});
  }
  return out;
}

// git as the folder has it; names are names, whatever characters they hold. nullopt: it says no.
std::optional<std::string> git_says(const fs::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "--literal-pathspecs");
  auto said = git::run_git(folder, arguments);
  if (!said || said->exit_code != 0) return std::nullopt;
  return std::move(said->output);
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != ".." && relative != ".";
}

// Without links, where it is there.
fs::path whole(const fs::path& path) {
  std::error_code code;
  fs::path out = fs::canonical(path, code);
  return code ? fs::absolute(path).lexically_normal() : out;
}

// The file that lies at a path without links; what was put in its place meanwhile is not read.
Result<std::string> read_plainly(const fs::path& path, const fs::path& root) {
  struct stat of_root {};
  const bool is_known = ::stat(root.c_str(), &of_root) == 0;
  SIGNALBOX_TRY(const FileDescriptor file,
                open_trusted(path.string(), is_known ? std::optional(of_root.st_uid) : std::nullopt));
  if (!is_without_links(file, path.string()))
    return fail(ErrorKind::denied, path.string() + ": another file was put there");
  return read_open_file(file, kMaxSourceBytes);
}

}  // namespace

std::string_view name_of(SourceOrigin origin) {
  switch (origin) {
    case SourceOrigin::commit:
      return "commit";
    case SourceOrigin::work_tree:
      return "work tree";
    case SourceOrigin::symbol_server:
      return "symbol server";
  }
  return "";
}

SourceFinder SourceFinder::in_folder(const fs::path& folder, const fs::path& state) {
  SourceFinder out;
  out.root_ = whole(folder);
  out.state_ = whole(state);
  out.reader_ = SourceReader::owner;
  out.kept_ = Kept::without_git;
  return out;
}

SourceFinder::SourceFinder(const fs::path& folder, const fs::path& state, SourceReader reader)
    : root_(whole(folder)), state_(whole(state)), reader_(reader) {
  std::error_code code;
  const auto top = git::run_git(root_, {"rev-parse", "--show-toplevel"});
  if (!top) return;
  if (top->exit_code == 0) {
    const std::string_view line =
        std::string_view(top->output).substr(0, top->output.find_last_not_of('\n') + 1);
    if (fs::path found = fs::canonical(line, code); !code) {
      root_ = std::move(found);
      kept_ = Kept::by_git;
    }
  } else if (top->errors.find("not a git repository") != std::string::npos) {
    kept_ = Kept::without_git;
  } else if (top->errors.find("must be run in a work tree") != std::string::npos) {
    kept_ = Kept::bare;
  } else {
    refusal_ = printable(trim(top->errors.substr(0, top->errors.find('\n'))));
  }
}

Result<SourceFile> SourceFinder::find(const SourceWanted& wanted) const {
  Reasons why;
  const std::vector<std::string> paths = source_paths(wanted.file, root_);
  const auto look = [&](SourceOrigin origin) {
    return origin == SourceOrigin::commit ? of_commit(wanted, paths, why) : of_work_tree(wanted, paths, why);
  };
  using enum SourceOrigin;
  for (const SourceOrigin origin :
       wanted.is_changed ? std::array{work_tree, commit} : std::array{commit, work_tree})
    if (Found found = look(origin)) return std::move(*found);
  if (Found found = of_servers(wanted, why)) return std::move(*found);
  if (const std::string submodule = submodule_of(paths, wanted.commit); !submodule.empty())
    why.push_back(
        fmt::format("{} is a submodule: its files are in a repository of its own, which is not "
                    "looked into",
                    printable(submodule)));
  return fail(
      ErrorKind::not_found,
      fmt::format("no source {}: {}", printable(wanted.file.substr(0, kSourcePathMax)), join(why, "; ")));
}

// That a file was found by the end of its path alone; empty: it lies where the profile names it.
std::string SourceFinder::note_of_place(const std::string& named, const std::string& path,
                                        const std::string& there) const {
  const fs::path whole_name = fs::path(named).lexically_normal();
  if (whole_name == fs::path(path) || whole_name == root_ / path) return {};
  return fmt::format("found by the end of its path: the profile names {}, and this is {}",
                     printable(named.substr(0, kSourcePathMax)), printable(there));
}

// The submodule that one of these paths leads into, in the commit where there is one; empty: none.
std::string SourceFinder::submodule_of(const std::vector<std::string>& paths,
                                       const std::string& commit) const {
  if (!knows_a_repository()) return {};
  for (const std::string& of : {is_commit_id(commit) ? commit : std::string("HEAD"), std::string("HEAD")}) {
    const auto said = git_says(
        root_, {"config", "--blob", of + ":.gitmodules", "-z", "--get-regexp", "^submodule\\..*\\.path$"});
    if (!said) continue;
    for (const std::string_view entry : split(*said, '\0')) {  // "submodule.zlib.path\nlib/zlib"
      const std::size_t line = entry.find('\n');
      if (line == std::string_view::npos) continue;
      const std::string folder = std::string(entry.substr(line + 1)) + "/";
      if (std::any_of(paths.begin(), paths.end(),
                      [&](const std::string& path) { return path.starts_with(folder); }))
        return folder.substr(0, folder.size() - 1);
    }
  }
  return {};
}

SourceFinder::Found SourceFinder::of_commit(const SourceWanted& wanted, const std::vector<std::string>& paths,
                                            Reasons& why) const {
  const bool has_git = kept_ == Kept::by_git || kept_ == Kept::bare;
  if (!has_git || !is_commit_id(wanted.commit)) {
    why.push_back(has_git                  ? std::string("the profile names no commit")
                  : kept_ == Kept::refused ? "git does not say what is in this folder: " + refusal_
                                           : std::string("no git repository is looked at"));
    return std::nullopt;
  }
  const std::string named = wanted.commit.substr(0, 12);
  const auto id =
      git_says(root_, {"rev-parse", "--verify", "--quiet", "--end-of-options", wanted.commit + "^{commit}"});
  if (!id) {
    why.push_back(fmt::format("the repository has no commit {}", named));
    return std::nullopt;
  }
  if (paths.empty()) return std::nullopt;
  const std::string commit(trim(*id));
  std::vector<std::string> asking = {"ls-tree", "-z", "--full-tree", commit, "--"};
  asking.insert(asking.end(), paths.begin(), paths.end());
  const std::vector<TreeFile> there = tree_files(git_says(root_, std::move(asking)).value_or(""));
  for (const std::string& path : paths) {
    const auto file =
        std::find_if(there.begin(), there.end(), [&](const TreeFile& each) { return each.path == path; });
    if (file == there.end()) continue;
    const auto size = parse_integer(trim(git_says(root_, {"cat-file", "-s", file->id}).value_or("")));
    if (!size) {  // it is fetched from nowhere: whoever sent the profile would choose what
      why.push_back(
          fmt::format("this clone has not what {} of commit {} holds: it is a partial one, or damaged",
                      printable(path), named));
      continue;
    }
    if (static_cast<std::size_t>(*size) > kMaxSourceBytes) {
      why.push_back(fmt::format("{} of commit {} is larger than {} MiB", printable(path), named,
                                kMaxSourceBytes >> 20));
      continue;
    }
    auto text = git_says(root_, {"cat-file", "blob", file->id});
    if (!text) continue;
    if (const std::string objection = objection_to(*text, wanted); !objection.empty()) {
      why.push_back(fmt::format("{} of commit {}: {}", printable(path), named, objection));
      continue;
    }
    std::vector<std::string> notes;
    if (wanted.is_changed)
      notes.push_back(
          fmt::format("the program was built of more than commit {}: lines may be others", named));
    notes.push_back(note_of_place(wanted.file, path, path));
    std::erase(notes, std::string());
    std::string note = join(notes, "; ");
    return SourceFile{SourceOrigin::commit, path, commit, std::move(note), std::move(*text)};
  }
  why.push_back(fmt::format("commit {} has no such file", named));
  return std::nullopt;
}

// Whether a file below the root, by its path without links, is one that the reader is shown.
bool SourceFinder::is_offered(const std::string& path) const {
  if (kept_ == Kept::refused || kept_ == Kept::bare || is_below(root_ / path, state_)) return false;
  const std::vector<std::string_view> parts = split(path, '/');
  const bool is_hidden =
      std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.starts_with('.'); });
  const bool is_owner = reader_ == SourceReader::owner;
  if (kept_ == Kept::without_git) return is_owner && !is_hidden && root_ != root_.root_path();
  std::vector<std::string> asking = {"ls-files", "-z", "--cached", "--exclude-standard"};
  if (is_owner && !is_hidden) asking.emplace_back("--others");
  asking.insert(asking.end(), {"--", path});
  // One that could not be merged stands several times.
  const auto said = git_says(root_, std::move(asking));
  return said && said->starts_with(path + '\0');
}

SourceFinder::Found SourceFinder::of_work_tree(const SourceWanted& wanted,
                                               const std::vector<std::string>& paths, Reasons& why) const {
  for (const std::string& path : paths) {
    std::error_code code;
    const fs::path found = fs::canonical(root_ / path, code);
    if (code || !is_below(found, root_) || !fs::is_regular_file(found, code)) continue;
    std::string there = found.lexically_relative(root_).string();
    if (!is_offered(there)) continue;
    auto text = read_plainly(found, root_);
    if (!text) {
      why.push_back(fmt::format("{} of the work tree: cannot be shown", printable(there)));
      continue;
    }
    if (const std::string objection = objection_to(*text, wanted); !objection.empty()) {
      why.push_back(fmt::format("{} of the work tree: {}", printable(there), objection));
      continue;
    }
    std::string note;
    if (wanted.is_changed)
      note = "the program was built of a work tree with changes: this is the file as it is now";
    else if (wanted.commit.empty())
      note = "the profile names no commit: the file of the work tree may be another";
    else
      note = fmt::format("not of commit {}: the file of the work tree may be another",
                         printable(wanted.commit.substr(0, 12)));
    if (const std::string place = note_of_place(wanted.file, path, there); !place.empty())
      note += "; " + place;
    return SourceFile{SourceOrigin::work_tree, std::move(there), "", std::move(note), std::move(*text)};
  }
  why.emplace_back("the work tree has no such file");
  return std::nullopt;
}

SourceFinder::Found SourceFinder::of_servers(const SourceWanted& wanted, Reasons& why) const {
  const fs::path path = fs::path(wanted.file).lexically_normal();
  const bool is_askable =
      wanted.file.size() <= kSourcePathMax && path.is_absolute() && !source_paths(wanted.file, root_).empty();
  if (!DebuginfodClient::is_wanted() || !is_askable || wanted.build_ids.empty()) return std::nullopt;
  DebuginfodClient client({.max_octets = kMaxSourceBytes});
  const std::set<std::string> builds(wanted.build_ids.begin(), wanted.build_ids.end());
  std::size_t asked = 0;
  for (const std::string& build_id : builds) {
    if (asked++ == kAskedBuilds) break;
    const auto cached = client.find_source(build_id, path.string());
    if (!cached || !*cached) continue;
    auto text = read_file(**cached, kMaxSourceBytes);
    if (!text) continue;
    if (const std::string objection = objection_to(*text, wanted); !objection.empty()) {
      why.push_back(fmt::format("that of a symbol server: {}", objection));
      continue;
    }
    return SourceFile{SourceOrigin::symbol_server, path.string(), "", "", std::move(*text)};
  }
  why.push_back(client.trouble().empty() ? "no symbol server has it" : client.trouble());
  return std::nullopt;
}

}  // namespace signalbox::profile
