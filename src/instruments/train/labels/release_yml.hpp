// GitHub's `.github/release.yml`: which pull requests notes leave out, and under which heading the others
// stand.
// https://docs.github.com/en/repositories/releasing-projects-on-github/automatically-generated-release-notes
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/train/labels/pull_request.hpp"

namespace signalbox::train {

// Requests by label or author. Labels in lower case, authors as `login_of` has them.
struct RequestFilter {
  std::vector<std::string> labels;
  std::vector<std::string> authors;
};

struct NotesCategory {
  std::string title;
  std::vector<std::string> labels;  // in lower case; "*": any request
  RequestFilter exclude;
};

struct NotesRules {
  RequestFilter exclude;
  std::vector<NotesCategory> categories;
};

inline constexpr std::string_view kOtherChanges = "Other Changes";

// Keys that are not GitHub's are not looked at, as GitHub does. bad_input with file:line:column where a value
// is of another kind, or a category lacks title or labels.
Result<NotesRules> parse_release_yml(std::string_view octets, std::string name);

bool has_label(const RequestFilter& filter, const PullRequest& request);
bool has_author(const RequestFilter& filter, const PullRequest& request);
// The first category that takes the request, by its place; absent: none does.
std::optional<std::size_t> category_of(const NotesRules& rules, const PullRequest& request);

}  // namespace signalbox::train
