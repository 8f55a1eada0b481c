#include "core/git/history_walk.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/core.h>

namespace signalbox::git {
namespace {

constexpr std::size_t kMaxCommits = 20'000'000;
constexpr std::size_t kMaxThreads = 4;
constexpr std::size_t kCommitsBetweenReports = 1024;

// Which commits somebody reads already.
class Claims {
 public:
  // True for the first who asks.
  bool take(const ObjectId& id) {
    constexpr std::size_t last_octet_of_sha1 = 19;  // the index looks at the first ones
    Shard& shard = shards_[id.octets[last_octet_of_sha1] % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    return shard.ids.insert(id);
  }

 private:
  struct Shard {
    std::mutex mutex;
    IdIndex ids;
  };
  std::array<Shard, 64> shards_;
};

// What the readers share.
struct Task {
  const ObjectStore& store;
  const std::vector<ObjectId>& tips;
  const TextOfCommit& text_of;
  const CommitTable& known;
  Claims claims;
  std::atomic<std::size_t> next_tip = 0;
  std::atomic<std::size_t> read = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::optional<Error> error;  // the first
};

class HistoryReader {
 public:
  explicit HistoryReader(Task& task) : task_(task), reader_(task.store) {}

  void run(const OnCommitsRead& on_commits_read = {}) {
    while (!task_.stop) {
      const std::size_t tip = task_.next_tip++;
      if (tip >= task_.tips.size()) return;
      open_.push_back(task_.tips[tip]);
      while (!open_.empty() && !task_.stop) {
        const ObjectId id = open_.back();
        open_.pop_back();
        if (task_.known.find(id) || !task_.claims.take(id)) continue;
        if (Status read = this->read(id); !read) give_up(std::move(read).error());
        if (on_commits_read && batch_.ids.size() % kCommitsBetweenReports == 0) on_commits_read(task_.read);
      }
    }
  }

  CommitBatch take_batch() { return std::move(batch_); }

 private:
  Status read(const ObjectId& id) {
    SIGNALBOX_CHECK(reader_.read(id, object_));
    if (object_.type != ObjectType::commit)
      return fail(ErrorKind::bad_input, to_hex(id, task_.store.format()) + " is no commit");
    if (++task_.read > kMaxCommits)
      return fail(ErrorKind::bad_input, "a history of more than 20 million commits");
    SIGNALBOX_CHECK(parse_commit_object(object_.octets, commit_));
    if (auto recoded = in_utf8(object_.octets, commit_.encoding)) {
      object_.octets = std::move(*recoded);
      SIGNALBOX_CHECK(parse_commit_object(object_.octets, commit_));
    }
    batch_.parents.insert(batch_.parents.end(), commit_.parents.begin(), commit_.parents.end());
    open_.insert(open_.end(), commit_.parents.begin(), commit_.parents.end());
    batch_.ids.push_back(id);
    batch_.times_s.push_back(commit_.committer_time_s);
    batch_.parent_ends.push_back(static_cast<std::uint32_t>(batch_.parents.size()));
    task_.text_of(commit_, batch_.texts);
    batch_.text_ends.push_back(batch_.texts.size());
    return {};
  }

  void give_up(Error error) {
    task_.stop = true;
    const std::lock_guard lock(task_.mutex);
    if (!task_.error) task_.error = std::move(error);
  }

  Task& task_;
  ObjectReader reader_;
  CommitBatch batch_;
  std::vector<ObjectId> open_;
  Object object_;
  CommitObject commit_;
};

}  // namespace

Status read_history(const ObjectStore& store, const std::vector<ObjectId>& tips, const TextOfCommit& text_of,
                    CommitTable& table, const OnCommitsRead& on_commits_read) {
  std::vector<ObjectId> unknown;
  std::copy_if(tips.begin(), tips.end(), std::back_inserter(unknown),
               [&](const ObjectId& id) { return !table.find(id); });
  if (unknown.empty()) return {};
  Task task{store, unknown, text_of, table};
  const std::size_t count =
      std::min({kMaxThreads, unknown.size(), std::size_t{std::max(1U, std::thread::hardware_concurrency())}});
  std::deque<HistoryReader> readers;
  for (std::size_t i = 0; i < count; ++i) readers.emplace_back(task);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < count; ++i) others.emplace_back([&reader = readers[i]] { reader.run(); });
  readers.front().run(on_commits_read);
  for (std::thread& thread : others) thread.join();
  if (task.error) return fail(std::move(*task.error));
  std::vector<CommitBatch> batches;
  for (HistoryReader& reader : readers) batches.push_back(reader.take_batch());
  table.add(batches);
  return {};
}

}  // namespace signalbox::git
