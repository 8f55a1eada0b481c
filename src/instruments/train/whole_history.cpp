#include "instruments/train/whole_history.hpp"

#include <algorithm>
#include <future>

#include "core/base/file.hpp"

namespace signalbox::train {
namespace {

using git::CommitTable;

constexpr std::size_t kMaxCacheBytes = std::size_t{1} << 30;
// A cache is written where this many commits were read, or counted by git, that it did not hold.
constexpr std::uint64_t kWorthKeeping = 500;

void keep_text(const git::CommitObject& commit, std::string& out) {
  write_parsed(commit.message, commit.author_name, commit.author_time_s, out);
}

Result<std::vector<git::ObjectId>> parse_ids(const std::vector<std::string>& tips) {
  std::vector<git::ObjectId> out;
  for (const std::string& tip : tips) {
    const auto id = git::parse_object_id(tip);
    if (!id) return fail(ErrorKind::internal, "no object id: " + tip);
    out.push_back(*id);
  }
  return out;
}

// What git shows of a shallow clone, whose edge it knows.
Status read_by_git(const git::Repository& repository, const std::vector<std::string>& tips,
                   CommitTable& table) {
  git::CommitBatch batch;
  const auto take = [&](git::Commit&& commit) {
    const auto id = git::parse_object_id(commit.id);
    if (!id) return;
    batch.ids.push_back(*id);
    batch.times_s.push_back(commit.committer_time_s);
    for (const std::string& hex : commit.parents) {
      if (const auto parent = git::parse_object_id(hex)) batch.parents.push_back(*parent);
    }
    batch.parent_ends.push_back(static_cast<std::uint32_t>(batch.parents.size()));
    write_parsed(commit.message, commit.author.name, commit.author_time_s, batch.texts);
    batch.text_ends.push_back(batch.texts.size());
  };
  SIGNALBOX_CHECK(repository.log(tips, git::Order::topological, take));
  table.add({&batch, 1});
  return {};
}

// A cache that cannot be written is none: the next run reads again.
void keep(const CommitTable& table, const std::filesystem::path& cache) {
  const std::string octets = table.write();
  if (octets.size() <= kMaxCacheBytes) (void)replace_file(cache, octets);
}

}  // namespace

// Git's count of what the tips hold, taken while others read. It goes on from an earlier count where there is
// one.
class WholeHistory::Counting {
 public:
  Counting(const git::Repository& repository, const CommitTable& known,
           const std::vector<git::ObjectId>& tips)
      : repository_(repository) {
    std::vector<std::uint32_t> numbers;
    for (const git::ObjectId& tip : tips) {
      if (const auto number = known.find(tip)) {
        numbers.push_back(*number);
      } else {
        range_.push_back(to_hex(tip, known.format()));
      }
    }
    choose_earlier(known, numbers);
    if (earlier_ && range_.empty() && earlier_->tips == heads_of(known, numbers)) return;
    // What the earlier count holds is not counted again, and tips that it holds need not be named.
    const std::vector<bool> held = reachable(known, earlier_ ? earlier_->tips : std::vector<std::uint32_t>());
    for (const std::uint32_t number : numbers) {
      if (!held[number]) range_.push_back(to_hex(known.id(number), known.format()));
    }
    if (range_.empty()) return;
    if (earlier_) {
      for (const std::uint32_t tip : earlier_->tips)
        range_.push_back("^" + to_hex(known.id(tip), known.format()));
    }
    counting_ = std::async(std::launch::async, [this] { return repository_.count(range_); });
  }

  // `commits`: with all that the tips hold. An earlier count is of no use where it holds what the tips do
  // not.
  Result<std::uint64_t> finish(const CommitTable& commits, const std::vector<std::uint32_t>& tips) {
    if (counting_.valid()) {
      SIGNALBOX_TRY(counted_, counting_.get());
    }
    if (!earlier_) return counted_;
    const std::vector<bool> reached = reachable(commits, tips);
    if (std::all_of(earlier_->tips.begin(), earlier_->tips.end(),
                    [&](std::uint32_t tip) { return reached[tip]; }))
      return earlier_->commits + counted_;
    range_.clear();
    for (const std::uint32_t head : heads_of(commits, tips))
      range_.push_back(to_hex(commits.id(head), commits.format()));
    SIGNALBOX_TRY(counted_, repository_.count(range_));
    return counted_;
  }

  std::uint64_t counted() const { return counted_; }  // by git, in this run

 private:
  // That which leaves least to count: the largest whose tips these reach, as far as is known by now.
  void choose_earlier(const CommitTable& known, const std::vector<std::uint32_t>& tips) {
    std::uint64_t most = 0;
    const std::vector<bool> reached = reachable(known, tips);
    for (const CommitTable::Count& count : known.counts()) {
      const auto held = std::count_if(count.tips.begin(), count.tips.end(),
                                      [&](std::uint32_t tip) { return reached[tip]; });
      // Where a tip is not known yet it may reach the rest: the last HEAD, below the new one.
      const bool may_hold =
          range_.empty() ? held == std::ssize(count.tips) : held > 0 || count.tips.size() == 1;
      if (!may_hold || count.commits < most) continue;
      most = count.commits;
      earlier_ = count;
    }
  }

  const git::Repository& repository_;
  std::vector<std::string> range_;
  std::optional<CommitTable::Count> earlier_;
  std::future<Result<std::uint64_t>> counting_;
  std::uint64_t counted_ = 0;
};

git::CommitTable open_history_cache(const git::Repository& repository, const std::filesystem::path& cache) {
  std::optional<CommitTable> table;
  if (!cache.empty() && !repository.is_shallow())
    table = CommitTable::open(cache, repository.id_format(), kParsedCommitVersion);
  return table ? std::move(*table) : CommitTable(repository.id_format(), kParsedCommitVersion);
}

WholeHistory::WholeHistory(const git::Repository& repository, WholeHistoryQuery query, CommitTable known)
    : repository_(repository),
      query_(std::move(query)),
      commits_(std::move(known)),
      known_commits_(commits_.size()) {}
WholeHistory::WholeHistory(WholeHistory&&) noexcept = default;
WholeHistory::~WholeHistory() = default;

Result<WholeHistory> WholeHistory::read(const git::Repository& repository, WholeHistoryQuery query,
                                        CommitTable known) {
  WholeHistory out(repository, std::move(query), std::move(known));
  SIGNALBOX_TRY(const std::vector<git::ObjectId> ids, parse_ids(out.query_.tips));
  const bool counts = out.query_.total == WholeHistoryQuery::Total::by_git;
  if (counts) out.counting_ = std::make_unique<Counting>(repository, out.commits_, ids);
  SIGNALBOX_CHECK(repository.is_shallow() ? read_by_git(repository, out.query_.tips, out.commits_)
                                          : git::read_history(repository.objects(), ids, keep_text,
                                                              out.commits_, out.query_.on_commits_read));
  for (const git::ObjectId& id : ids) {
    if (const auto number = out.commits_.find(id)) out.tips_.push_back(*number);
  }
  out.order_ = topological_order(out.commits_, out.tips_);
  if (!counts) out.keep_what_was_learnt(0);
  return out;
}

Result<std::uint64_t> WholeHistory::total() {
  if (!counting_) return fail(ErrorKind::internal, "a total that was not asked for");
  SIGNALBOX_TRY(const std::uint64_t total, counting_->finish(commits_, tips_));
  if (counting_->counted() > kWorthKeeping || commits_.size() - known_commits_ > kWorthKeeping)
    commits_.remember({heads_of(commits_, tips_), total});
  keep_what_was_learnt(counting_->counted());
  return total;
}

void WholeHistory::keep_what_was_learnt(std::uint64_t counted) {
  const bool much = commits_.size() - known_commits_ > kWorthKeeping || counted > kWorthKeeping;
  if (much && !query_.cache.empty() && !repository_.is_shallow()) keep(commits_, query_.cache);
}

ReadCommit WholeHistory::commit(std::uint32_t number) const {
  return {to_hex(commits_.id(number), commits_.format()), commits_.parents(number).size(),
          read_parsed(commits_.text(number))};
}

std::optional<std::uint32_t> WholeHistory::find(std::string_view hex) const {
  const auto id = git::parse_object_id(hex);
  return id ? commits_.find(*id) : std::nullopt;
}

}  // namespace signalbox::train
