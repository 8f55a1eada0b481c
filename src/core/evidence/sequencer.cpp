#include "core/evidence/sequencer.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

#include "core/evidence/append_queue.hpp"

namespace signalbox::evidence {
namespace {

using Receipts = Sequencer::Receipts;

constexpr unsigned kMaxReaders = 8;

// The store cannot be written at this moment: a smaller commit would fail likewise.
bool concerns_all(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::denied;
}

std::shared_ptr<AppendCall> call_for(std::vector<std::string> envelopes, std::optional<Expectation> expected,
                                     Repeats repeats) {
  auto call = std::make_shared<AppendCall>();
  call->envelopes = std::move(envelopes);
  call->expected = std::move(expected);
  call->repeats = repeats;
  return call;
}

}  // namespace

// What the callers and the threads share. Database and ledger are the writer's alone.
struct Sequencer::State {
  explicit State(Admission admission) : queue(std::move(admission)) {}

  AppendQueue queue;
  std::unique_ptr<store::Database> database;
  std::optional<Ledger> ledger;
  std::mutex joining;  // guards the threads at their end: whoever stops waits until all is committed
  std::vector<std::thread> readers;
  std::thread writer;

  void commit(const AppendQueue::Calls& calls) {
    std::vector<Group> groups;
    std::vector<AppendCall*> of_groups;
    for (const auto& call : calls) {
      if (call->refusal) {
        call->answer.set_value(fail(std::move(*call->refusal)));
        continue;
      }
      groups.push_back({std::move(call->candidates), std::move(call->expected), {}, call->repeats});
      of_groups.push_back(call.get());
    }
    if (groups.empty()) return;
    Result<std::vector<Receipts>> all = ledger->append_groups(groups);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      std::promise<Receipts>& answer = of_groups[i]->answer;
      if (all) {
        answer.set_value(std::move((*all)[i]));
      } else if (groups.size() == 1 || concerns_all(all.error())) {
        answer.set_value(fail(all.error()));
      } else {
        answer.set_value(commit_alone(std::move(groups[i])));
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
    for (auto calls = queue.take(kMaxEntriesPerCommit); !calls.empty();
         calls = queue.take(kMaxEntriesPerCommit))
      commit(calls);
  }
};

Sequencer::Sequencer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequencer::~Sequencer() {
  stop();
}

Result<std::shared_ptr<Sequencer>> Sequencer::start(const OpenDatabase& open_database, const Clock& clock,
                                                    SigningKey log_key,
                                                    std::optional<CheckpointMemory> memory,
                                                    Admission admission) {
  auto state = std::make_unique<State>(std::move(admission));
  SIGNALBOX_TRY(state->database, open_database());
  SIGNALBOX_TRY(Ledger ledger, Ledger::open(*state->database, clock, std::move(log_key), std::move(memory)));
  state->ledger.emplace(std::move(ledger));
  std::shared_ptr<Sequencer> out(new Sequencer(std::move(state)));
  State& started = *out->state_;
  // One processor is the writer's: all wait for it.
  for (unsigned i = std::clamp(std::thread::hardware_concurrency(), 2U, kMaxReaders + 1) - 1; i > 0; --i)
    started.readers.emplace_back(&AppendQueue::read_until_stopped, &started.queue);
  started.writer = std::thread(&State::write_until_stopped, &started);
  return out;
}

std::future<Receipts> Sequencer::submit(std::vector<std::string> envelopes,
                                        std::optional<Expectation> expected, Repeats repeats) {
  const auto call = call_for(std::move(envelopes), std::move(expected), repeats);
  std::future<Receipts> answer = call->answer.get_future();
  state_->queue.put(call, AppendQueue::Reading::by_others);
  return answer;
}

Receipts Sequencer::append(std::vector<std::string> envelopes, std::optional<Expectation> expected,
                           Repeats repeats) {
  const auto call = call_for(std::move(envelopes), std::move(expected), repeats);
  std::future<Receipts> answer = call->answer.get_future();
  state_->queue.put(call, AppendQueue::Reading::by_all);
  return answer.get();
}

void Sequencer::stop() {
  state_->queue.stop();
  const std::lock_guard lock(state_->joining);
  for (std::thread& reader : state_->readers) {
    if (reader.joinable()) reader.join();
  }
  if (state_->writer.joinable()) state_->writer.join();
}

}  // namespace signalbox::evidence
