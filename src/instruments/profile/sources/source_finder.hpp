// Source files that profiles name. Such a name is what a stranger wrote: it is looked for below one folder,
// and asked of symbol servers, and opens no other path of this machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxSourceBytes = std::size_t{2} << 20;  // of a file: larger ones are not shown

// What a profile says of a source file.
struct SourceWanted {
  std::string file;
  std::string commit;          // that its program was built of, whole or its beginning; empty: unknown
  bool is_changed = false;     // it was built of more than the commit: the work tree is looked at first
  std::int32_t last_line = 0;  // a file with fewer lines is another
  std::vector<std::string> build_ids;  // of the programs that name it
};

enum class SourceOrigin { commit, work_tree, symbol_server };
std::string_view name_of(SourceOrigin origin);  // "commit", "work tree", "symbol server"

struct SourceFile {
  SourceOrigin origin = SourceOrigin::commit;
  std::string path;    // below the folder; as it was asked of a server
  std::string commit;  // that it is of; empty: none
  std::string
      note;  // why it may be another than the program was built of; empty: nothing is known against it
  std::string text;  // as it lies there: octets without a zero among them
};

// Who is shown a file of the work tree. A stranger, who may have sent the profile that names it, is shown
// what git tracks, and nothing where there is no git: what else lies there is not the repository's (a key, a
// dump, another repository's configuration). The owner of the folder, on the command line, is shown what git
// does not ignore, too, and outside git each file, where no part of its path begins with a dot.
enum class SourceReader { stranger, owner };

// Thread-safe.
class SourceFinder {
 public:
  // Looks below the top of the work tree around `folder`, or below `folder` where there is none. `state`: of
  // what Signalbox writes nothing is given.
  SourceFinder(const std::filesystem::path& folder, const std::filesystem::path& state,
               SourceReader reader = SourceReader::stranger);
  // Looks below this very folder, which its owner named, whatever git says of it.
  static SourceFinder in_folder(const std::filesystem::path& folder, const std::filesystem::path& state);

  // In this order: the file of the profile's commit; of the work tree; of the servers that $DEBUGINFOD_URLS
  // names, two seconds at most. No larger than kMaxSourceBytes, and text. not_found where it is nowhere, with
  // what was looked at.
  Result<SourceFile> find(const SourceWanted& wanted) const;
  const std::filesystem::path& root() const { return root_; }
  // Whether git said whose files these are. Where it did not it may another time: it refuses a folder of
  // somebody else's until it is told not to, and a repository may be made.
  bool knows_a_repository() const { return kept_ == Kept::by_git || kept_ == Kept::bare; }

 private:
  SourceFinder() = default;
  using Found = std::optional<SourceFile>;
  using Reasons = std::vector<std::string>;
  Found of_commit(const SourceWanted& wanted, const std::vector<std::string>& paths, Reasons& why) const;
  Found of_work_tree(const SourceWanted& wanted, const std::vector<std::string>& paths, Reasons& why) const;
  Found of_servers(const SourceWanted& wanted, Reasons& why) const;
  std::string note_of_place(const std::string& named, const std::string& path,
                            const std::string& there) const;
  std::string submodule_of(const std::vector<std::string>& paths, const std::string& commit) const;
  bool is_offered(const std::string& path) const;

  // `refused`: git is not there, or does not say what is in this folder.
  enum class Kept { by_git, bare, without_git, refused };

  std::filesystem::path root_;  // canonical
  std::filesystem::path state_;
  SourceReader reader_ = SourceReader::stranger;
  Kept kept_ = Kept::refused;
  std::string refusal_;  // in git's words, one line
};

}  // namespace signalbox::profile
