#include "core/evidence/sequencer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace signalbox::evidence {
namespace {

using Receipts = Sequencer::Receipts;

// What one call wants recorded, and where its answer goes.
struct Call {
  Group group;
  std::promise<Receipts> answer;
  std::size_t bytes = 0;
};

std::size_t bytes_of(const std::vector<Candidate>& candidates) {
  std::size_t out = 0;
  for (const Candidate& candidate : candidates) out += candidate.envelope.size();
  return out;
}

Error stopped() {
  return {ErrorKind::unavailable, "the log takes no more entries: the program is ending", "send it again"};
}

// The store cannot be written at this moment: a smaller commit would fail likewise.
bool concerns_all(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::denied;
}

}  // namespace

// What the callers and the writer share. `mutex` guards what stands below it; database and ledger are the
// writer's alone.
struct Sequencer::State {
  std::unique_ptr<store::Database> database;
  std::optional<Ledger> ledger;
  std::mutex joining;  // guards `writer` at its end: whoever stops waits until all is committed
  std::thread writer;

  std::mutex mutex;
  std::condition_variable has_work;
  std::condition_variable has_room;
  std::deque<Call> queue;
  std::size_t queued_entries = 0;
  std::size_t queued_bytes = 0;
  bool stopping = false;

  // A group larger than the limits is let in when it is alone.
  bool fits(const Call& call) const {
    return queue.empty() || (queued_entries + call.group.candidates.size() <= kMaxQueuedEntries &&
                             queued_bytes + call.bytes <= kMaxQueuedBytes);
  }

  void put(Call call) {
    std::unique_lock lock(mutex);
    has_room.wait(lock, [&] { return stopping || fits(call); });
    if (stopping) {
      call.answer.set_value(fail(stopped()));
      return;
    }
    queued_entries += call.group.candidates.size();
    queued_bytes += call.bytes;
    queue.push_back(std::move(call));
    lock.unlock();
    has_work.notify_one();
  }

  // Waits for work; empty when there will be none any more.
  std::vector<Call> take() {
    std::unique_lock lock(mutex);
    has_work.wait(lock, [&] { return stopping || !queue.empty(); });
    std::vector<Call> out;
    for (std::size_t entries = 0; !queue.empty(); queue.pop_front()) {
      Call& next = queue.front();
      entries += next.group.candidates.size();
      if (!out.empty() && entries > kMaxEntriesPerCommit) break;
      queued_entries -= next.group.candidates.size();
      queued_bytes -= next.bytes;
      out.push_back(std::move(next));
    }
    lock.unlock();
    has_room.notify_all();
    return out;
  }

  void commit(std::vector<Call> calls) {
    std::vector<Group> groups;
    for (Call& call : calls) groups.push_back(std::move(call.group));
    Result<std::vector<Receipts>> all = ledger->append_groups(groups);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (all) {
        calls[i].answer.set_value(std::move((*all)[i]));
      } else if (calls.size() == 1 || concerns_all(all.error())) {
        calls[i].answer.set_value(fail(all.error()));
      } else {
        calls[i].answer.set_value(commit_alone(std::move(groups[i])));
      }
    }
  }

  Receipts commit_alone(Group group) {
    std::vector<Group> one;
    one.push_back(std::move(group));
    SIGNALBOX_TRY(std::vector<Receipts> receipts, ledger->append_groups(one));
    return std::move(receipts.front());
  }

  void write_until_stopped() {
    for (std::vector<Call> calls = take(); !calls.empty(); calls = take()) commit(std::move(calls));
  }
};

Sequencer::Sequencer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequencer::~Sequencer() {
  stop();
}

Result<std::shared_ptr<Sequencer>> Sequencer::start(const OpenDatabase& open_database, const Clock& clock,
                                                    SigningKey log_key,
                                                    std::optional<CheckpointMemory> memory) {
  auto state = std::make_unique<State>();
  SIGNALBOX_TRY(state->database, open_database());
  SIGNALBOX_TRY(Ledger ledger, Ledger::open(*state->database, clock, std::move(log_key), std::move(memory)));
  state->ledger.emplace(std::move(ledger));
  std::shared_ptr<Sequencer> out(new Sequencer(std::move(state)));
  out->state_->writer = std::thread(&State::write_until_stopped, out->state_.get());
  return out;
}

std::future<Receipts> Sequencer::submit(std::vector<std::string> envelopes,
                                        std::optional<Expectation> expected, Repeats repeats) {
  Call call;
  std::future<Receipts> answer = call.answer.get_future();
  auto candidates = read_candidates(std::move(envelopes));
  if (!candidates || candidates->empty()) {
    call.answer.set_value(candidates ? Receipts(std::vector<Receipt>{}) : fail(candidates.error()));
    return answer;
  }
  call.bytes = bytes_of(*candidates);
  call.group = {std::move(*candidates), std::move(expected), {}, repeats};
  state_->put(std::move(call));
  return answer;
}

Receipts Sequencer::append(std::vector<std::string> envelopes, std::optional<Expectation> expected,
                           Repeats repeats) {
  return submit(std::move(envelopes), std::move(expected), repeats).get();
}

void Sequencer::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->has_work.notify_all();
  state_->has_room.notify_all();
  const std::lock_guard lock(state_->joining);
  if (state_->writer.joinable()) state_->writer.join();
}

}  // namespace signalbox::evidence
