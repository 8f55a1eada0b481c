#include "instruments/train/schedule/past_reader.hpp"

#include <algorithm>

#include "instruments/train/history.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/whole_history.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr std::chrono::days kHotfixWithin{7};

Time time_of(std::int64_t seconds) {
  return Time(std::chrono::seconds(seconds));
}

bool is_hotfix_of(const Version& later, const Version& earlier) {
  return later.major == earlier.major && later.minor == earlier.minor && later.patch != earlier.patch;
}

std::vector<Release> stable_ones_at_head(const Series& series, const std::vector<std::string>& merged) {
  std::vector<Release> out;
  for (const Release& release : series.releases) {
    if (release.version.is_stable() && std::binary_search(merged.begin(), merged.end(), release.tag))
      out.push_back(release);
  }
  return out;
}

}  // namespace

Result<std::vector<PastRelease>> read_past(const Workspace& workspace,
                                           const std::optional<std::string>& package) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(workspace));
  if (repository.is_empty()) return std::vector<PastRelease>();
  SIGNALBOX_TRY(const Settings settings, read_settings(workspace));
  SIGNALBOX_TRY(const std::string head, repository.resolve("HEAD"));
  SIGNALBOX_TRY(const Series series, read_series(repository, package ? package : settings.package, head,
                                                 HistoryQuery::Shallow::refuse));
  SIGNALBOX_TRY(std::vector<std::string> merged, repository.merged_tags("HEAD"));
  std::sort(merged.begin(), merged.end());
  const std::vector<Release> releases = stable_ones_at_head(series, merged);
  const std::filesystem::path cache = history_cache(workspace);
  SIGNALBOX_TRY(
      const WholeHistory history,
      WholeHistory::read(repository,
                         {.tips = {head}, .cache = cache, .total = WholeHistoryQuery::Total::not_asked},
                         open_history_cache(repository, cache)));
  const git::CommitTable& commits = history.commits();
  const std::vector<std::uint32_t> release_of = assign_releases(commits, releases);
  std::vector<PastRelease> out;
  for (std::size_t i = 0; i < releases.size(); ++i) {
    const auto commit = history.find(releases[i].commit);
    PastRelease one{releases[i].tag, commit ? time_of(commits.time_s(*commit)) : Time(), {}, {}};
    if (i > 0 && is_hotfix_of(releases[i].version, releases[i - 1].version) &&
        one.at - out.back().at <= kHotfixWithin)
      out.back().outcome = PastRelease::Outcome::hotfixed;
    out.push_back(std::move(one));
  }
  for (const std::uint32_t commit : history.order()) {
    const bool is_merge = commits.parents(commit).size() > 1;
    if (release_of[commit] != kUnreleased && !is_merge)
      out[release_of[commit]].changes.push_back(time_of(commits.time_s(commit)));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const PastRelease& a, const PastRelease& b) { return a.at < b.at; });
  return out;
}

}  // namespace signalbox::train::schedule
