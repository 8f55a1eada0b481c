// Notes by pull request and label, as GitHub generates them, of a manifest: each commit is told of under its
// request, or alone, or is left out by a rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/git/repository.hpp"
#include "instruments/train/labels/release_yml.hpp"
#include "instruments/train/notes.hpp"

namespace signalbox::train {

// A pull request, or a commit that came without one.
struct LabelledEntry {
  std::uint64_t number = 0;  // 0: without one
  std::string title;
  std::string author;  // a login where the forge named it, else the name that the commit has
  enum class Author { login, name } author_is = Author::name;
  std::string url;                   // may be empty
  std::vector<std::string> commits;  // ids, newest first
};

struct LabelledSection {
  std::string title;  // empty: there are no categories
  std::vector<LabelledEntry> entries;
};

struct LeftOut {
  std::string commit;
  std::string rule;  // of the manifest, or "label", or "author"
};

struct LabelledNotes {
  std::string version;
  std::string tag;
  std::string previous_tag;
  std::int64_t time_s = 0;
  std::vector<LabelledSection> sections;  // none is empty
  std::vector<LeftOut> left_out;
  std::vector<std::uint64_t> unknown;  // requests that the export lacks: their labels are not known
  std::uint64_t total = 0;             // as git counts the commits by itself

  std::uint64_t told() const;
  bool is_complete() const { return total == told() + left_out.size(); }
  std::string proof() const;
};

// Which request each of `commits` (each before its parents) came with: that of the commit on the main line
// which brought it. 0: none.
std::vector<std::uint64_t> requests_of(const std::vector<git::Commit>& commits);

// `commits`: those of the notes' manifest.
LabelledNotes label_notes(const ReleaseNotes& notes, const std::vector<git::Commit>& commits,
                          const PullRequests& requests, const NotesRules& rules);
std::string write_labelled(const LabelledNotes& notes, NotesForm form);  // plain or github
Json to_json(const LabelledNotes& notes);

}  // namespace signalbox::train
