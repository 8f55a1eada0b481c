// Pull and merge requests as a forge exports them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::train {

inline constexpr std::size_t kMaxExportBytes = std::size_t{64} << 20;

// One request. Texts are one line each, without control characters.
struct PullRequest {
  std::uint64_t number = 0;
  std::string title;
  std::string author;  // as `login_of` has it; may be empty
  std::string url;     // https://…; may be empty
  std::vector<std::string> labels;
};
using PullRequests = std::map<std::uint64_t, PullRequest>;

// A login in lower case, without "app/" and "[bot]", by which forges mark programs, each in its own way.
std::string login_of(std::string_view name);

// An array of requests, or an object with one as `items`: of `gh pr list --json
// number,title,labels,author,url`, of GitHub's API (`user`, `html_url`) or of GitLab's (`iid`, labels as
// texts, `web_url`). bad_input with the place of what is none.
Result<PullRequests> parse_pull_requests(std::string_view octets);

}  // namespace signalbox::train
