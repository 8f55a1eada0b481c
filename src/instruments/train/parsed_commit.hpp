// A commit as far as versions, sections and notes need it. No setting changes any of it, so it is kept beside
// the commit's id and read again instead of the commit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/train/conventional_commit.hpp"

namespace signalbox::train {

// Texts are one line each, valid UTF-8 without control characters: other octets of the message stand escaped
// as \xHH.
struct ParsedCommit {
  MessageKind kind = MessageKind::other;
  bool breaking = false;
  bool names_version = false;  // its header only names one: "v1.2.3", "release: 1.2.3"
  std::int64_t author_time_s = 0;
  std::uint64_t pull_request = 0;  // that it squashes or merges; 0: it names none
  std::string_view type;     // "feat", in lower case; what its words suggest where it is not conventional
  std::string_view scope;    // may be empty
  std::string_view subject;  // of a conventional commit the description, else the whole header
  std::string_view author;
  std::string_view breaking_note;  // may be empty
  std::string_view lists;          // of what follows; most commits have none

  std::vector<std::string_view> reverts() const;  // hexadecimal beginnings of ids
  std::vector<std::string_view> parts() const;  // headers of the commits that a squashed body lists or holds
};

// Raised whenever `write_parsed` writes the same commit differently.
inline constexpr std::uint32_t kParsedCommitVersion = 2;

// Appends to `out` what `read_parsed` reads.
void write_parsed(std::string_view message, std::string_view author, std::int64_t author_time_s,
                  std::string& out);
// Views point into `octets`. Octets that `write_parsed` has not written give a commit without words.
ParsedCommit read_parsed(std::string_view octets);

// The pull or merge request that a message names: "feat: a (#12)", "Merge pull request #12 from …", "See
// merge request group/project!12". 0 where there is none.
std::uint64_t pull_request_of(const Message& message);
// "v1.2.3", "Release 1.2.3", "release: v1.2.3": a header that only names a version.
bool names_only_a_version(const Message& message);

}  // namespace signalbox::train
