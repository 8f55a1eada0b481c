// Git history through the `git` program (2.39 or newer), which reads every repository format. Read-only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/git/object_store.hpp"
#include "core/git/refs.hpp"

namespace signalbox::git {

struct Person {
  std::string name;  // octets as git has them: may be no UTF-8
  std::string email;
};

struct Commit {
  std::string id;                    // full lower-case hexadecimal object id
  std::vector<std::string> parents;  // ids
  Person author;
  std::int64_t author_time_s = 0;  // Unix seconds, for display alone: dates lie
  std::int64_t committer_time_s = 0;
  std::string message;  // raw octets, whole
};

struct Tag {
  std::string name;    // "v1.2.3", without refs/tags/
  std::string commit;  // what it peels to; empty when it is not a commit or its object is missing
  bool missing =
      false;  // its object, or what it names, is not in the repository (a partial or damaged clone)
};

enum class Order { newest_first, topological };

class Repository {
 public:
  // The repository around `directory`; bare ones too. Not a repository → not_found.
  static Result<Repository> open(const std::filesystem::path& directory);

  const std::filesystem::path& directory() const { return directory_; }
  bool is_bare() const { return bare_; }
  bool is_shallow() const { return shallow_; }
  bool is_empty() const { return head_.empty(); }  // no commit on HEAD yet

  IdFormat id_format() const { return id_format_; }
  // Its objects, as packs lie there now.
  ObjectStore objects() const { return ObjectStore::open(objects_, id_format_, directory_); }

  // To a commit id; not_found with the nearest name as hint. A name that begins with '-' is a name, never an
  // option.
  Result<std::string> resolve(std::string_view revision) const;
  Result<std::vector<Tag>> tags() const;
  // Names of the tags whose commits are reachable from `revision`, itself included.
  Result<std::vector<std::string>> merged_tags(std::string_view revision) const;
  // Names of the tags from which `revision` is reachable, itself included.
  Result<std::vector<std::string>> tags_holding(std::string_view revision) const;
  // Whether `ancestor` is reachable from `revision`, itself included.
  Result<bool> is_ancestor(std::string_view ancestor, std::string_view revision) const;
  // Commits of `range` ("v1..HEAD" as arguments to git log: revisions and ^revisions), first to last in that
  // order. Replace refs and grafts are not looked at: what counts is what the commits' ids say.
  Status log(const std::vector<std::string>& range, Order order,
             const std::function<void(Commit&&)>& visit) const;
  // Their ids alone, far cheaper.
  Result<std::vector<std::string>> commit_ids(const std::vector<std::string>& range) const;
  // How many commits git itself counts in `range`: `git rev-list --count`.
  Result<std::uint64_t> count(const std::vector<std::string>& range) const;
  Result<std::string> file_at(std::string_view revision, std::string_view path) const;  // octets; not_found
  Result<bool> is_clean() const;  // no change to tracked files, nothing untracked that is not ignored
  Result<std::vector<std::string>> changed_files(std::string_view from, std::string_view to) const;
  Result<std::string> remote_url() const;  // of origin, without credentials; not_found

 private:
  Result<std::vector<TagRef>> tag_refs() const;
  Result<std::string> revisions_input(
      const std::vector<std::string>& range) const;  // for --stdin, one a line

  std::filesystem::path directory_;
  std::filesystem::path objects_;
  std::filesystem::path common_directory_;
  IdFormat id_format_ = IdFormat::sha1;
  std::string head_;  // id of HEAD when it was opened; empty: no commit yet
  bool bare_ = false;
  bool shallow_ = false;
};

}  // namespace signalbox::git
