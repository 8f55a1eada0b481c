// Conventional Commits 1.0.0, read from a commit message without ever failing: what does not fit is `other`,
// never an error, never dropped. https://www.conventionalcommits.org/en/v1.0.0/
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::train {

// What the header says the commit is.
enum class MessageKind {
  conventional,  // `type(scope)!: description`
  revert,        // git's own `Revert "…"`, and `Reapply "…"`, which reverts a revert
  merge,         // git's or a forge's own `Merge branch …`
  fixup,         // `fixup! …`, `squash! …`, `amend! …`: meant to be folded into another commit
  other,
};

// Why a header is not conventional.
enum class HeaderProblem {
  none,
  empty,
  type_is_no_word,
  no_colon,
  no_space_after_colon,
  nested_parentheses,
  open_parenthesis,
  empty_scope,
  no_description
};

struct Footer {
  std::string_view token;
  std::string_view value;  // without the line break at its end; may have several lines
};

// A message taken apart. Every view points into the octets that were read, which must outlive it.
struct Message {
  MessageKind kind = MessageKind::other;
  std::string_view header;       // first line that is not blank
  std::string_view type;         // as written; compare ignoring case
  std::string_view scope;        // empty: none
  std::string_view description;  // of a conventional header; else empty
  std::string_view body;         // what follows the header, footers included
  std::vector<Footer> footers;
  bool breaking = false;
  std::string_view breaking_note;  // of the first BREAKING CHANGE; empty where `!` alone says it
  std::vector<std::string_view>
      reverts;  // hexadecimal ids, 7 digits or more, of `This reverts commit …` and of `Refs:` in a revert
  HeaderProblem problem = HeaderProblem::none;
  std::size_t problem_column = 0;  // octet in the header, from 1
};

// Source of the rules: the specification above. One reading of it beyond its text: a paragraph that opens
// with `BREAKING CHANGE:` counts wherever it stands. Body text is never grammar.
Message parse_message(std::string_view octets);

// Whether one line alone is a conventional header.
bool is_conventional_header(std::string_view line);

std::string_view explain(HeaderProblem problem);
// A header that would be conventional and says the same, as far as the words tell; empty where there is
// nothing to say.
std::string propose_header(const Message& message);

}  // namespace signalbox::train
