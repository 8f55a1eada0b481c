// The calls of a Sequencer on their way to its writer: their envelopes are read by several threads at once,
// the calls are handed over in the order in which they came.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/ledger_record.hpp"

namespace signalbox::evidence {

// What one call wants recorded, and where its answer goes.
struct AppendCall {
  std::vector<std::string> envelopes;  // each is taken by the thread that reads it
  std::optional<Expectation> expected;
  Repeats repeats = Repeats::logged;
  std::promise<Result<std::vector<Receipt>>> answer;

  // Filled by the queue. Once a call is handed over: one candidate an envelope, or why there are none.
  std::vector<Candidate> candidates;
  std::optional<Error> refusal;  // of the first envelope that is none, naming it

 private:
  friend class AppendQueue;
  std::size_t bytes_ = 0;
  std::size_t next_ = 0;     // the first envelope that no thread has taken
  std::size_t unread_ = 0;   // envelopes that are still to be read, or being read
  std::size_t refused_ = 0;  // which one `refusal` is of
};

// Thread-safe. Bounded: a caller waits for room.
class AppendQueue {
 public:
  static constexpr std::size_t kMaxEntries = 8'192;
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
  static constexpr std::size_t kReadAtOnce = 4;  // envelopes that a thread takes at a time
  using Calls = std::vector<std::shared_ptr<AppendCall>>;

  explicit AppendQueue(Admission admission) : admission_(std::move(admission)) {}

  // Who reads the envelopes of a call.
  enum class Reading {
    by_others,  // the threads in `read_until_stopped`
    by_all,     // the calling thread too, which would only wait
  };
  // After `stop`, the call is answered: unavailable.
  void put(std::shared_ptr<AppendCall> call, Reading reading);

  // What a reading thread does until there will be nothing to read any more.
  void read_until_stopped();
  // The foremost calls as far as all of their envelopes are read, with at most so many envelopes, or one
  // call with more. Waits until that is half of what is there, and reads itself meanwhile. Empty: there will
  // be none any more.
  Calls take(std::size_t most_entries);

  // Refuses what comes from now on; what is there will still be read and handed over.
  void stop();

 private:
  using Lock = std::unique_lock<std::mutex>;
  bool fits(const AppendCall& call) const;
  AppendCall* next_unread();
  bool is_worth_taking(std::size_t most_entries) const;
  void read_some(AppendCall& call, Lock& lock);
  void note_refusal(AppendCall& call, std::size_t index, Error why);

  const Admission admission_;
  std::mutex mutex_;  // guards what stands below it, and all of a call but the envelopes being read
  std::condition_variable has_unread_;
  std::condition_variable is_read_;
  std::condition_variable has_room_;
  std::deque<std::shared_ptr<AppendCall>> queue_;
  std::deque<std::shared_ptr<AppendCall>> to_read_;  // those with envelopes that no thread has taken
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
  bool stopping_ = false;
};

}  // namespace signalbox::evidence
