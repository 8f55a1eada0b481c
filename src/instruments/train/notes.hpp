// Release notes: a pure function of what left, so that notes made twice are the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {

// One release to be told of.
struct ReleaseNotes {
  std::string version;       // "1.3.0", or "Unreleased"
  std::string tag;           // "v1.3.0"; empty for what has no version yet
  std::string previous_tag;  // empty for the first
  std::int64_t time_s = 0;   // of its commit; 0: not shown
  Manifest manifest;
};

enum class NotesForm {
  plain,             // headings for people: Features, Fixes …
  keep_a_changelog,  // https://keepachangelog.com/en/1.1.0/: Added, Changed, Fixed …
  github,            // as GitHub's "What's Changed"
};

// CommonMark; headings start at level two. Texts of commits cannot open HTML in it.
std::string write_notes(const ReleaseNotes& notes, NotesForm form);
void append_notes(const ReleaseNotes& notes, NotesForm form, std::string& out);
// The first line of notes.
std::string heading_of(const std::string& version, std::int64_t time_s, NotesForm form);
// Text of a commit in Markdown: code in backticks stays, elsewhere it cannot open HTML.
void append_inline(std::string_view text, std::string& out);
Json to_json(const ReleaseNotes& notes);
Json to_json(const Passenger& passenger);
Json sections_json(const Manifest& manifest);
Json commits_json(const Manifest& manifest);  // {"total","classified","excluded","unclassified"}

// `changelog` with `notes` put in front of its newest version, between markers that name the version; where
// these are there already, what stands between them is replaced. Every other octet stays. bad_input with the
// line where markers do not match.
Result<std::string> prepend_notes(const std::string& changelog, const std::string& version,
                                  const std::string& notes);
// The same addition as a unified diff against `name`, for a changelog whose markers are broken.
std::string notes_patch(const std::string& changelog, const std::string& name, const std::string& notes);

// Whether a changelog tells of `version`, or has something under "Unreleased".
enum class ChangelogEntry { none, unreleased, version };
ChangelogEntry find_entry(std::string_view changelog, std::string_view version);

}  // namespace signalbox::train
