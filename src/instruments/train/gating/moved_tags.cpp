#include "instruments/train/gating/moved_tags.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/object.hpp"

namespace signalbox::train {

std::vector<ReleasedVersion> released_versions(const std::vector<gates::Testimony>& departures) {
  std::vector<ReleasedVersion> out;
  std::set<std::string, std::less<>> seen;
  for (const gates::Testimony& one : departures) {
    const std::string tag(one.statement.predicate["version"].as_string());
    const std::string commit(one.statement.predicate["commit"].as_string());
    if (evidence::valid_signer(one.signers) == nullptr || tag.empty()) continue;
    if (!git::parse_object_id(commit) || !seen.insert(tag).second) continue;
    out.push_back({tag, commit, one.entry.index});
  }
  return out;
}

std::optional<Check> judge_tags(const std::vector<ReleasedVersion>& released,
                                const std::vector<Release>& releases) {
  std::vector<std::string> moved;
  std::vector<std::string> commands;
  for (const ReleasedVersion& one : released) {
    const auto tag = std::find_if(releases.begin(), releases.end(),
                                  [&](const Release& release) { return release.tag == one.tag; });
    if (tag == releases.end() || tag->commit == one.commit) continue;
    moved.push_back(fmt::format("tag {} moved: entry {} says {}, the repository says {}", printable(one.tag),
                                one.entry, one.commit.substr(0, 12), tag->commit.substr(0, 12)));
    commands.push_back(fmt::format("git tag --force {} {}", shell_word(one.tag), one.commit));
  }
  if (moved.empty()) return std::nullopt;
  Check check;
  check.name = "tags";
  check.verdict = Verdict::fail;
  check.asked = "each tag stands on the commit that departed as it";
  check.answer = join(moved, "; ");
  check.reason = "moved";
  check.remedy = join(commands, " && ");
  return check;
}

}  // namespace signalbox::train
